"""How a trace's signal shows in Home Assistant, by its role."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Appearance:
    """The platform of an entity, its device class and the name it adds to its device's."""

    platform: str
    device_class: str | None
    label: str


PLATFORM_OF_ROLE = {
    "motion": Appearance("binary_sensor", "motion", "Motion"),
    "presence": Appearance("binary_sensor", "occupancy", "Presence"),
    "door": Appearance("binary_sensor", "door", "Door"),
    "window": Appearance("binary_sensor", "window", "Window"),
    "vibration": Appearance("binary_sensor", "vibration", "Vibration"),
    "light": Appearance("light", None, "Light"),
    "media": Appearance("media_player", None, "Media player"),
    "person": Appearance("device_tracker", None, "Phone"),
    "power": Appearance("sensor", "power", "Power"),
    "illuminance": Appearance("sensor", "illuminance", "Illuminance"),
    "co2": Appearance("sensor", "carbon_dioxide", "CO2"),
    "temperature": Appearance("sensor", "temperature", "Temperature"),
    "humidity": Appearance("sensor", "humidity", "Humidity"),
    "sound": Appearance("sensor", "sound_pressure", "Sound level"),
    "generic": Appearance("sensor", None, "Reading"),
}
