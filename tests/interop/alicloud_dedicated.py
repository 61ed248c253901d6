"""The official SDK of dedicated KMS instances opens the file of a client key.

Usage: alicloud_dedicated.py FILE PASSWORD

Prints the id of the key. Its packages want older versions of others than the SDKs next door, hence an environment of its own:
requirements-dedicated.txt.
"""

import sys

from OpenSSL.crypto import Error
from openapi_credential.client import Client
from openapi_credential.models import Config


def opened(password):
    return Client(Config(type="rsa_key_pair", client_key_file=sys.argv[1], password=password))


if __name__ == "__main__":
    client = opened(sys.argv[2])
    assert client.get_signature("text").startswith("Bearer ")
    try:
        opened(sys.argv[2] + "x")
        sys.exit("a wrong password opened the file")
    except Error:
        print(client.get_access_key_id())
