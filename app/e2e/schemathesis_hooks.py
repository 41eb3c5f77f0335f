"""What the calls by schemathesis leave alone, and what no schema can say of them.

PHAROS_TOKEN_ID is the id of the token that it calls with.
"""

import itertools
import os
import re

import schemathesis

OWN_TOKEN = os.environ["PHAROS_TOKEN_ID"]
# The token of a page that is not there: a call on it is answered like one on any unknown token.
ANOTHER_TOKEN = "nothere00000"

numbers = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Whoever takes away the token that they call with learns nothing more.
    if (case.path_parameters or {}).get("token_id") == OWN_TOKEN:
        case.path_parameters["token_id"] = ANOTHER_TOKEN
    for name, value in (case.headers or {}).items():
        # One of its generators loses the quotes that belong to an entity tag.
        if name.lower() == "if-match" and re.fullmatch("[!#-~]+", str(value)) and value != "*":
            case.headers[name] = f'"{value}"'
    # A key is for one call alone, so a client makes a new one for each.
    for name, value in (case.headers or {}).items():
        if name.lower() == "idempotency-key" and re.fullmatch("[ -~]{1,240}", str(value)):
            case.headers[name] = f"{value}.{next(numbers)}"
