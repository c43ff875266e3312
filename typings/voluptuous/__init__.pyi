# At run time Home Assistant serves `voluptuous` with its own engine, probatio: its types are the true ones.
from probatio import *
from probatio import Any as Any, Optional as Optional
