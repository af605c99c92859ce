"""Day before month, and twenty-four hours: `21 Nov 2026, 18:36`."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
