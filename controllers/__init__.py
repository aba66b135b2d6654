from . import health, portal
