"""What the checks of the emulated AWS share: clients, controls, expectations and the run itself."""

import json
import sys
import traceback
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1].rstrip("/")
KEY_ID = sys.argv[2] if len(sys.argv) > 2 else "AKIASANDBOXKEYFORM00"
SECRET = sys.argv[3] if len(sys.argv) > 3 else "sandbox+secret+access+key+of+keyform/aws"
ACCOUNT = "123456789012"
REGION = "eu-west-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def client(service="kms", region=REGION, key=KEY_ID, secret=SECRET, token=None):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/_keyform/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def expect(condition, what=""):
    if not condition:
        raise AssertionError(what or "not as expected")


def equal(found, wanted):
    expect(found == wanted, f"found {found!r}, wanted {wanted!r}")


def refused(code, call, part="", **arguments):
    try:
        call(**arguments)
    except ClientError as why:
        error = why.response["Error"]
        equal(error["Code"], code)
        expect(part in error.get("Message", ""), f"{part!r} is not in {error.get('Message')!r}")
        return
    raise AssertionError(f"{code} was expected, but the call succeeded")


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def run():
    """Runs every check; exits with 1 when one failed."""
    passed = failed = 0
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        try:
            function()
            passed += 1
            print(f"ok    {name}")
        except Exception:  # every check is told, whatever went wrong in it
            failed += 1
            print(f"FAIL  {name}")
            traceback.print_exc(file=sys.stdout)
        control("PUT", "faults", {})
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
