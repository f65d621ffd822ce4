"""What a browser keeps of a form that was not sent is encrypted: the key comes with the pages of its owner alone."""

import base64
import hmac

from console.components import components
from console.users import User


def kept_input_key(user: User) -> str:
    """256 bits in base64, the same for one account for as long as the console's secret is the same."""
    message = f"kept-input:{user.account_id}".encode()
    return base64.b64encode(hmac.digest(components().settings.session_secret, message, "sha256")).decode()
