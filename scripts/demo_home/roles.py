"""How a trace's signal shows in Home Assistant, by its role."""

from dataclasses import dataclass

from custom_components.inkling.core.units import Role


@dataclass(frozen=True, slots=True)
class Appearance:
    """The platform of an entity, its device class and the name it adds to its device's."""

    platform: str
    device_class: str | None
    label: str


APPEARANCES = {
    Role.MOTION: Appearance("binary_sensor", "motion", "Motion"),
    Role.PRESENCE: Appearance("binary_sensor", "occupancy", "Presence"),
    Role.DOOR: Appearance("binary_sensor", "door", "Door"),
    Role.WINDOW: Appearance("binary_sensor", "window", "Window"),
    Role.VIBRATION: Appearance("binary_sensor", "vibration", "Vibration"),
    Role.LIGHT: Appearance("light", None, "Light"),
    Role.MEDIA: Appearance("media_player", None, "Media player"),
    Role.PERSON: Appearance("device_tracker", None, "Phone"),
    Role.POWER: Appearance("sensor", "power", "Power"),
    Role.ILLUMINANCE: Appearance("sensor", "illuminance", "Illuminance"),
    Role.CO2: Appearance("sensor", "carbon_dioxide", "CO2"),
    Role.TEMPERATURE: Appearance("sensor", "temperature", "Temperature"),
    Role.HUMIDITY: Appearance("sensor", "humidity", "Humidity"),
    Role.SOUND: Appearance("sensor", "sound_pressure", "Sound level"),
    Role.GENERIC: Appearance("sensor", None, "Reading"),
}
