"""OpenTofu's envelope, version v0, by its own description and with a library of cryptography that other people wrote.

    envelope.py open PASSPHRASE < state     prints what is inside
    envelope.py seal PASSPHRASE < clear     prints an envelope
"""

import base64
import json
import os
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

HASHES = {"sha256": hashes.SHA256, "sha512": hashes.SHA512}


def key(passphrase, meta):
    derive = PBKDF2HMAC(
        algorithm=HASHES[meta["hash_function"]](),
        length=meta["key_length"],
        salt=base64.b64decode(meta["salt"]),
        iterations=meta["iterations"],
    )
    return derive.derive(passphrase.encode())


def opened(envelope, passphrase):
    assert envelope["encryption_version"] == "v0", envelope
    [(name, meta)] = envelope["meta"].items()
    assert name == "key_provider.pbkdf2.a", name
    data = base64.b64decode(envelope["encrypted_data"])
    secret = key(passphrase, json.loads(base64.b64decode(meta)))
    clear = AESGCM(secret).decrypt(data[:12], data[12:], None)
    inside = json.loads(clear)
    assert inside["serial"] == envelope["serial"], "what stands outside is what stands inside"
    assert inside["lineage"] == envelope["lineage"], "what stands outside is what stands inside"
    return clear.decode()


def sealed(clear, passphrase):
    meta = {
        "salt": base64.b64encode(os.urandom(32)).decode(),
        "iterations": 200_000,
        "hash_function": "sha512",
        "key_length": 32,
    }
    nonce = os.urandom(12)
    data = nonce + AESGCM(key(passphrase, meta)).encrypt(nonce, clear.encode(), None)
    inside = json.loads(clear)
    return json.dumps(
        {
            "serial": inside["serial"],
            "lineage": inside["lineage"],
            "meta": {"key_provider.pbkdf2.a": base64.b64encode(json.dumps(meta).encode()).decode()},
            "encrypted_data": base64.b64encode(data).decode(),
            "encryption_version": "v0",
        }
    )


if __name__ == "__main__":
    action, passphrase = sys.argv[1:]
    text = sys.stdin.read()
    if action == "open":
        print(opened(json.loads(text), passphrase), end="")
    else:
        print(sealed(text, passphrase), end="")
