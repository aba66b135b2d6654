"""What `./dev` is made of. Standard library only; Odoo itself runs in a virtual environment of the cache."""
