from . import controllers, models, reports, wizards
from .hooks import _post_init, _uninstall
