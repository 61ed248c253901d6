"""Drives the emulated AWS through boto3.

Usage: aws_sandbox.py URL [ACCESS_KEY_ID SECRET_ACCESS_KEY]

Prints one line per check, then "N passed, N failed"; exits with 1 when a check failed.
"""

import datetime
import json
import time
import urllib.error
import urllib.request
from unittest import mock

import boto3
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from aws_client import (
    ACCOUNT, KEY_ID, REGION, ROOT, SECRET, URL, check, client, control, equal, expect, refused, run,
)

try:
    from cryptography.hazmat.primitives import serialization
except ImportError:
    print("note  without the package cryptography the public keys are not parsed")
    serialization = None


def allow(**changes):
    statement = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    statement.update(changes)
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


kms = client()


def new_key(**arguments):
    return kms.create_key(**arguments)["KeyMetadata"]


MISSING = "12345678-1234-4234-8234-123456789012"


@check
def the_sandbox_is_healthy():
    equal(control("GET", "health")["status"], "ok")


@check
def a_user_knows_who_he_is():
    identity = client("sts").get_caller_identity()
    equal(identity["Account"], ACCOUNT)
    equal(identity["Arn"], f"arn:aws:iam::{ACCOUNT}:user/sandbox")


@check
def an_assumed_role_is_another_identity_in_its_own_account():
    answer = client("sts").assume_role(RoleArn="arn:aws:iam::210987654321:role/path/admin", RoleSessionName="me")
    keys = answer["Credentials"]
    expect(keys["AccessKeyId"].startswith("ASIA"))
    arguments = dict(key=keys["AccessKeyId"], secret=keys["SecretAccessKey"], token=keys["SessionToken"])
    identity = client("sts", **arguments).get_caller_identity()
    equal(identity["Account"], "210987654321")
    equal(identity["Arn"], "arn:aws:sts::210987654321:assumed-role/admin/me")
    equal(identity["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"])
    made = client(**arguments).create_key()["KeyMetadata"]
    equal(made["AWSAccountId"], "210987654321")
    refused("NotFoundException", kms.describe_key, KeyId=made["KeyId"])
    equal(kms.describe_key(KeyId=made["Arn"])["KeyMetadata"]["KeyId"], made["KeyId"])
    refused("AccessDeniedException", kms.get_key_policy, KeyId=made["Arn"])
    refused("UnrecognizedClientException", client(**{**arguments, "token": "x"}).list_keys)


@check
def a_web_identity_needs_no_signature():
    answer = client("sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/web", RoleSessionName="pod", WebIdentityToken="a.b.c"
    )
    keys = answer["Credentials"]
    sts = client("sts", key=keys["AccessKeyId"], secret=keys["SecretAccessKey"], token=keys["SessionToken"])
    equal(sts.get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/web/pod")


@check
def sessions_end():
    answer = client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/a", RoleSessionName="me", DurationSeconds=900)
    keys = answer["Credentials"]
    arguments = dict(key=keys["AccessKeyId"], secret=keys["SecretAccessKey"], token=keys["SessionToken"])
    control("POST", "advance?seconds=901")
    refused("ExpiredTokenException", client(**arguments).list_keys)
    refused("ExpiredToken", client("sts", **arguments).get_caller_identity)


@check
def wrong_credentials_are_refused():
    refused("UnrecognizedClientException", client(key="AKIAUNKNOWN000000000").list_keys, "security token")
    refused("InvalidSignatureException", client(secret="wrong").list_keys, "does not match")
    refused("InvalidClientTokenId", client("sts", key="AKIAUNKNOWN000000000").get_caller_identity)
    refused("SignatureDoesNotMatch", client("sts", secret="wrong").get_caller_identity)
    refused("ValidationError", client("sts").assume_role, RoleArn="arn:aws:iam::1:role/admin", RoleSessionName="me")


@check
def unknown_actions_and_absent_ones_are_told_apart():
    refused("UnsupportedOperationException", kms.generate_mac, "not emulated", KeyId=MISSING, Message=b"x", MacAlgorithm="HMAC_SHA_256")
    request = urllib.request.Request(URL, data=b"{}", headers={"X-Amz-Target": "TrentService.Fly"}, method="POST")
    try:
        urllib.request.urlopen(request)
        raise AssertionError("it flew")
    except urllib.error.HTTPError as why:
        expect("MissingAuthenticationTokenException" in why.read().decode())


@check
def a_key_has_complete_metadata():
    key = new_key(Description="first", Tags=[{"TagKey": "a", "TagValue": "1"}])
    equal(key["AWSAccountId"], ACCOUNT)
    equal(key["Arn"], f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key['KeyId']}")
    for name, wanted in dict(
        Description="first", Enabled=True, KeyState="Enabled", KeyUsage="ENCRYPT_DECRYPT", KeySpec="SYMMETRIC_DEFAULT",
        CustomerMasterKeySpec="SYMMETRIC_DEFAULT", KeyManager="CUSTOMER", Origin="AWS_KMS", MultiRegion=False,
        EncryptionAlgorithms=["SYMMETRIC_DEFAULT"],
    ).items():
        equal(key[name], wanted)
    expect("DeletionDate" not in key)
    for reference in (key["KeyId"], key["Arn"]):
        equal(kms.describe_key(KeyId=reference)["KeyMetadata"], key)


@check
def every_spec_has_its_usages():
    for spec, usage, member in (
        ("RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms"),
        ("RSA_4096", "SIGN_VERIFY", "SigningAlgorithms"),
        ("ECC_NIST_P256", "SIGN_VERIFY", "SigningAlgorithms"),
        ("ECC_NIST_P384", "KEY_AGREEMENT", "KeyAgreementAlgorithms"),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "SigningAlgorithms"),
        ("ML_DSA_65", "SIGN_VERIFY", "SigningAlgorithms"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "MacAlgorithms"),
    ):
        key = new_key(KeySpec=spec, KeyUsage=usage)
        equal((key["KeySpec"], key["KeyUsage"]), (spec, usage))
        expect(key[member])
    refused("ValidationException", kms.create_key, KeySpec="RSA_2048")
    refused("ValidationException", kms.create_key, KeyUsage="SIGN_VERIFY")
    refused("ValidationException", kms.create_key, KeySpec="HMAC_256", KeyUsage="ENCRYPT_DECRYPT")
    refused("ValidationException", kms.create_key, "enum value set", KeySpec="DES")
    refused("UnsupportedOperationException", kms.create_key, KeySpec="SM2", KeyUsage="SIGN_VERIFY")
    refused("ValidationException", kms.create_key, "CustomKeyStoreId", Origin="AWS_CLOUDHSM")
    refused("ValidationException", kms.create_key, "8192", Description="x" * 8193)
    refused("SerializationException", kms.create_key, Description=5)


@check
def a_multi_region_key_says_so():
    key = new_key(MultiRegion=True)
    expect(key["KeyId"].startswith("mrk-") and len(key["KeyId"]) == 36)
    equal(key["MultiRegionConfiguration"]["MultiRegionKeyType"], "PRIMARY")
    equal(key["MultiRegionConfiguration"]["PrimaryKey"], {"Arn": key["Arn"], "Region": REGION})


@check
def keys_that_are_not_there_are_not_found():
    refused("NotFoundException", kms.describe_key, "does not exist", KeyId=MISSING)
    refused("NotFoundException", kms.describe_key, "Invalid keyId", KeyId="foo")
    refused("NotFoundException", kms.describe_key, "is not found", KeyId="alias/foo")
    refused("NotFoundException", kms.get_key_policy, "Invalid keyId", KeyId="alias/foo")
    refused("InvalidArnException", kms.describe_key, KeyId="arn:aws:s3:::bucket")
    refused("NotFoundException", kms.describe_key, "Invalid arn", KeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{MISSING}")
    refused("ValidationException", kms.describe_key, "Value null at 'keyId'")
    refused("NotFoundException", client(region="us-east-1").describe_key, KeyId=new_key()["KeyId"])


@check
def a_key_is_disabled_and_enabled():
    key = new_key()["KeyId"]
    equal(kms.disable_key(KeyId=key)["ResponseMetadata"]["HTTPStatusCode"], 200)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    equal((shown["Enabled"], shown["KeyState"]), (False, "Disabled"))
    refused("DisabledException", kms.encrypt, KeyId=key, Plaintext=b"x")
    refused("DisabledException", kms.enable_key_rotation, KeyId=key)
    refused("DisabledException", kms.create_grant, KeyId=key, GranteePrincipal=ROOT, Operations=["Decrypt"])
    kms.update_key_description(KeyId=key, Description="still writable")
    kms.enable_key(KeyId=key)
    shown = kms.describe_key(KeyId=key)["KeyMetadata"]
    equal((shown["Enabled"], shown["Description"]), (True, "still writable"))


@check
def a_key_waits_for_its_deletion_and_comes_back():
    key = new_key()
    name = key["KeyId"]
    refused("ValidationException", kms.schedule_key_deletion, "greater than or equal to 7", KeyId=name, PendingWindowInDays=6)
    refused("ValidationException", kms.schedule_key_deletion, "less than or equal to 30", KeyId=name, PendingWindowInDays=31)
    refused("KMSInvalidStateException", kms.cancel_key_deletion, "is not pending deletion", KeyId=name)
    answer = kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    equal((answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]), (key["Arn"], "PendingDeletion", 7))
    shown = kms.describe_key(KeyId=name)["KeyMetadata"]
    equal((shown["KeyState"], shown["Enabled"], shown["DeletionDate"]), ("PendingDeletion", False, answer["DeletionDate"]))
    for call, arguments in (
        (kms.update_key_description, dict(Description="x")),
        (kms.tag_resource, dict(Tags=[{"TagKey": "a", "TagValue": "b"}])),
        (kms.untag_resource, dict(TagKeys=["a"])),
        (kms.enable_key, {}),
        (kms.disable_key, {}),
        (kms.enable_key_rotation, {}),
        (kms.schedule_key_deletion, {}),
        (kms.encrypt, dict(Plaintext=b"x")),
        (kms.create_grant, dict(GranteePrincipal=ROOT, Operations=["Decrypt"])),
    ):
        refused("KMSInvalidStateException", call, "is pending deletion", KeyId=name, **arguments)
    refused("KMSInvalidStateException", kms.create_alias, "is pending deletion", AliasName="alias/late", TargetKeyId=name)
    kms.get_key_policy(KeyId=name)
    kms.put_key_policy(KeyId=name, Policy=allow())
    kms.get_key_rotation_status(KeyId=name)
    kms.list_resource_tags(KeyId=name)
    equal(kms.cancel_key_deletion(KeyId=name)["KeyId"], key["Arn"])
    equal(kms.describe_key(KeyId=name)["KeyMetadata"]["KeyState"], "Disabled")


@check
def a_key_ends_when_its_waiting_period_is_over():
    key = new_key()["KeyId"]
    kms.create_alias(AliasName="alias/ends", TargetKeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    control("POST", f"advance?seconds={7 * 86400 - 60}")
    kms.describe_key(KeyId=key)
    control("POST", "advance?seconds=120")
    refused("NotFoundException", kms.describe_key, KeyId=key)
    refused("NotFoundException", kms.describe_key, KeyId="alias/ends")


@check
def aliases_live():
    one, two = new_key()["KeyId"], new_key()["KeyId"]
    name = "alias/team/app_1"
    kms.create_alias(AliasName=name, TargetKeyId=one)
    refused("AlreadyExistsException", kms.create_alias, name, AliasName=name, TargetKeyId=two)
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:{name}"
    for reference in (name, arn):
        equal(kms.describe_key(KeyId=reference)["KeyMetadata"]["KeyId"], one)
    (shown,) = kms.list_aliases(KeyId=one)["Aliases"]
    equal((shown["AliasName"], shown["AliasArn"], shown["TargetKeyId"]), (name, arn, one))
    expect(shown["CreationDate"] == shown["LastUpdatedDate"])
    kms.update_alias(AliasName=name, TargetKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{two}")
    equal(kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"], two)
    signer = new_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    refused("ValidationException", kms.update_alias, AliasName=name, TargetKeyId=signer)
    kms.delete_alias(AliasName=name)
    refused("NotFoundException", kms.delete_alias, "is not found", AliasName=name)
    refused("NotFoundException", kms.update_alias, AliasName=name, TargetKeyId=one)
    equal(kms.list_aliases(KeyId=two)["Aliases"], [])


@check
def alias_names_are_checked():
    key = new_key()["KeyId"]
    refused("ValidationException", kms.create_alias, AliasName="name", TargetKeyId=key)
    refused("ValidationException", kms.create_alias, "regular expression", AliasName="alias/a b", TargetKeyId=key)
    refused("ValidationException", kms.create_alias, "256", AliasName="alias/" + "a" * 251, TargetKeyId=key)
    refused("InvalidAliasNameException", kms.create_alias, AliasName="alias/", TargetKeyId=key)
    refused("NotAuthorizedException", kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key)
    refused("NotFoundException", kms.create_alias, AliasName="alias/lost", TargetKeyId=MISSING)
    refused("ValidationException", kms.create_alias, "Not aliases", AliasName="alias/x", TargetKeyId="alias/y")


@check
def a_key_has_at_most_fifty_aliases():
    key = new_key()["KeyId"]
    for number in range(50):
        kms.create_alias(AliasName=f"alias/many-{number}", TargetKeyId=key)
    refused("LimitExceededException", kms.create_alias, AliasName="alias/one-too-many", TargetKeyId=key)
    first = kms.list_aliases(KeyId=key, Limit=30)
    equal((len(first["Aliases"]), first["Truncated"]), (30, True))
    rest = kms.list_aliases(KeyId=key, Limit=30, Marker=first["NextMarker"])
    equal((len(rest["Aliases"]), rest["Truncated"], "NextMarker" in rest), (20, False, False))


@check
def aliases_of_aws_make_their_key_when_described():
    there = {a["AliasName"]: a for page in kms.get_paginator("list_aliases").paginate() for a in page["Aliases"]}
    expect("TargetKeyId" not in there["alias/aws/s3"])
    key = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    equal(key["KeyManager"], "AWS")
    equal(kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"], key["KeyId"])
    equal(kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"], True)
    refused("AccessDeniedException", kms.schedule_key_deletion, "not authorized", KeyId=key["KeyId"])
    refused("AccessDeniedException", kms.put_key_policy, KeyId=key["KeyId"], Policy=allow())
    refused("NotFoundException", kms.describe_key, KeyId="alias/aws/nothing")


@check
def tags_live():
    key = new_key(Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": ""}])["KeyId"]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "2"}, {"TagKey": "c", "TagValue": "3"}])
    kms.untag_resource(KeyId=key, TagKeys=["b", "absent"])
    equal(kms.list_resource_tags(KeyId=key)["Tags"], [{"TagKey": "a", "TagValue": "2"}, {"TagKey": "c", "TagValue": "3"}])
    refused("TagException", kms.tag_resource, KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": ""}])
    refused("TagException", kms.tag_resource, KeyId=key, Tags=[{"TagKey": "x", "TagValue": ""}] * 2)
    refused("ValidationException", kms.tag_resource, "128", KeyId=key, Tags=[{"TagKey": "x" * 129, "TagValue": ""}])
    refused("ValidationException", kms.tag_resource, "256", KeyId=key, Tags=[{"TagKey": "x", "TagValue": "x" * 257}])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"n{n}", "TagValue": ""} for n in range(48)])
    refused("LimitExceededException", kms.tag_resource, KeyId=key, Tags=[{"TagKey": "over", "TagValue": ""}])
    pages = list(kms.get_paginator("list_resource_tags").paginate(KeyId=key, PaginationConfig={"PageSize": 20}))
    equal([len(page["Tags"]) for page in pages], [20, 20, 10])


@check
def rotation_lives():
    key = new_key()["KeyId"]
    equal(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False)
    refused("ValidationException", kms.enable_key_rotation, "90", KeyId=key, RotationPeriodInDays=89)
    refused("ValidationException", kms.enable_key_rotation, "2560", KeyId=key, RotationPeriodInDays=2561)
    kms.enable_key_rotation(KeyId=key)
    equal(kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"], 365)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    equal((status["KeyRotationEnabled"], status["RotationPeriodInDays"]), (True, 90))
    blob = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    control("POST", f"advance?seconds={91 * 86400}")
    expect(kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] > status["NextRotationDate"])
    kms.rotate_key_on_demand(KeyId=key)
    equal([r["RotationType"] for r in kms.list_key_rotations(KeyId=key)["Rotations"]], ["AUTOMATIC", "ON_DEMAND"])
    equal(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"old")
    kms.disable_key(KeyId=key)
    control("POST", f"advance?seconds={91 * 86400}")
    equal(len(kms.list_key_rotations(KeyId=key)["Rotations"]), 2)
    kms.enable_key(KeyId=key)
    equal([r["RotationType"] for r in kms.list_key_rotations(KeyId=key)["Rotations"]], ["AUTOMATIC", "ON_DEMAND", "AUTOMATIC"])
    kms.disable_key_rotation(KeyId=key)
    equal(kms.get_key_rotation_status(KeyId=key).get("RotationPeriodInDays"), None)
    signer = new_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=signer)
    equal(kms.get_key_rotation_status(KeyId=signer)["KeyRotationEnabled"], False)


@check
def policies_live():
    key = new_key()["KeyId"]
    document = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    equal((document["Id"], document["Statement"][0]["Principal"]), ("key-default-1", {"AWS": ROOT}))
    text = allow(Sid="mine")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)
    equal(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"], text)
    equal(kms.list_key_policies(KeyId=key)["PolicyNames"], ["default"])
    refused("NotFoundException", kms.get_key_policy, "No such policy exists", KeyId=key, PolicyName="other")
    wrong = "MalformedPolicyDocumentException"
    refused(wrong, kms.put_key_policy, KeyId=key, Policy="no json")
    refused(wrong, kms.create_key, Policy="{}")
    refused(wrong, kms.put_key_policy, "invalid principals", KeyId=key, Policy=allow(Principal={"AWS": "nobody"}))
    locked = allow(Action="kms:Encrypt")
    refused(wrong, kms.put_key_policy, "will not allow you to update the key policy", KeyId=key, Policy=locked)
    refused(wrong, kms.create_key, "will not allow you to update the key policy", Policy=locked)
    equal(kms.get_key_policy(KeyId=key)["Policy"], text)
    kms.put_key_policy(KeyId=key, Policy=locked, BypassPolicyLockoutSafetyCheck=True)
    equal(kms.get_key_policy(KeyId=key)["Policy"], locked)


@check
def grants_live():
    key = new_key()
    wish = dict(
        KeyId=key["Arn"], GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/app", Operations=["Encrypt", "Decrypt"],
        RetiringPrincipal=f"arn:aws:iam::{ACCOUNT}:role/boss", Name="app",
        Constraints={"EncryptionContextSubset": {"a": "b"}},
    )
    made = kms.create_grant(**wish)
    equal(len(made["GrantId"]), 64)
    again = kms.create_grant(**wish)
    equal(again["GrantId"], made["GrantId"])
    expect(again["GrantToken"] != made["GrantToken"])
    (shown,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    for name in ("GranteePrincipal", "RetiringPrincipal", "Name", "Operations", "Constraints"):
        equal(shown[name], wish[name])
    equal((shown["KeyId"], shown["IssuingAccount"]), (key["Arn"], ROOT))
    del wish["Name"]
    other = kms.create_grant(**wish)["GrantId"]
    expect(kms.create_grant(**wish)["GrantId"] != other)
    equal(len(kms.list_grants(KeyId=key["KeyId"])["Grants"]), 3)
    equal(len(kms.list_grants(KeyId=key["KeyId"], GrantId=other)["Grants"]), 1)
    equal(len(kms.list_grants(KeyId=key["KeyId"], GranteePrincipal=ROOT)["Grants"]), 0)
    equal(len(kms.list_retirable_grants(RetiringPrincipal=wish["RetiringPrincipal"])["Grants"]), 3)
    kms.retire_grant(GrantToken=again["GrantToken"])
    kms.retire_grant(KeyId=key["Arn"], GrantId=other)
    refused("NotFoundException", kms.revoke_grant, KeyId=key["KeyId"], GrantId=other)
    (last,) = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=last["GrantId"])
    equal(kms.list_grants(KeyId=key["KeyId"])["Grants"], [])


@check
def grants_are_checked():
    key = new_key()["KeyId"]
    wish = dict(KeyId=key, GranteePrincipal=ROOT, Operations=["Encrypt"])
    refused("InvalidArnException", kms.create_grant, **{**wish, "GranteePrincipal": "nobody"})
    refused("ValidationException", kms.create_grant, **{**wish, "Operations": ["Fly"]})
    refused("ValidationException", kms.create_grant, **{**wish, "Operations": ["Sign"]})
    refused("ValidationException", kms.create_grant, "regular expression", **wish, Name="a b")
    both = {"EncryptionContextEquals": {"a": "b"}, "EncryptionContextSubset": {"a": "b"}}
    refused("ValidationException", kms.create_grant, "More than one constraint", **wish, Constraints=both)
    refused("DryRunOperationException", kms.create_grant, **wish, DryRun=True)
    refused("ValidationException", kms.retire_grant)
    refused("InvalidGrantTokenException", kms.retire_grant, GrantToken="x")
    kms.create_grant(**{**wish, "GranteePrincipal": "s3.amazonaws.com"})


@check
def what_is_encrypted_is_decrypted():
    key = new_key()
    kms.create_alias(AliasName="alias/crypt", TargetKeyId=key["KeyId"])
    context = {"purpose": "test", "team": "a"}
    sealed = kms.encrypt(KeyId="alias/crypt", Plaintext=b"secret", EncryptionContext=context)
    equal((sealed["KeyId"], sealed["EncryptionAlgorithm"]), (key["Arn"], "SYMMETRIC_DEFAULT"))
    blob = sealed["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=dict(reversed(context.items())))
    equal((opened["Plaintext"], opened["KeyId"]), (b"secret", key["Arn"]))
    kms.decrypt(CiphertextBlob=blob, EncryptionContext=context, KeyId="alias/crypt")
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob[:-1], EncryptionContext=context)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=b"x")
    other = new_key()["KeyId"]
    refused("IncorrectKeyException", kms.decrypt, CiphertextBlob=blob, EncryptionContext=context, KeyId=other)
    refused("ValidationException", kms.encrypt, "4096", KeyId=key["KeyId"], Plaintext=b"x" * 4097)
    moved = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=other)
    equal(kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=other)["Plaintext"], b"secret")
    signer = new_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    refused("InvalidKeyUsageException", kms.encrypt, KeyId=signer, Plaintext=b"x")


@check
def public_halves_are_shown():
    for spec, usage in (
        ("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "SIGN_VERIFY"), ("ECC_NIST_P384", "KEY_AGREEMENT"),
        ("ECC_NIST_P521", "SIGN_VERIFY"), ("ECC_SECG_P256K1", "SIGN_VERIFY"),
    ):
        key = new_key(KeySpec=spec, KeyUsage=usage)
        shown = kms.get_public_key(KeyId=key["KeyId"])
        equal((shown["KeyId"], shown["KeySpec"], shown["KeyUsage"]), (key["Arn"], spec, usage))
        equal(kms.get_public_key(KeyId=key["Arn"])["PublicKey"], shown["PublicKey"])
        if serialization:
            public = serialization.load_der_public_key(shown["PublicKey"])
            equal(public.key_size, int(spec.replace("P256K1", "P256").lstrip("RSAECNIT_GP")))
    refused("UnsupportedOperationException", kms.get_public_key, KeyId=new_key()["KeyId"])


@check
def data_keys_are_made():
    key = new_key()["KeyId"]
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"a": "b"})
    equal(len(made["Plaintext"]), 32)
    equal(kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"})["Plaintext"], made["Plaintext"])
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=7)
    expect("Plaintext" not in hidden)
    equal(len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]), 7)
    refused("ValidationException", kms.generate_data_key, KeyId=key)
    refused("ValidationException", kms.generate_data_key, KeyId=key, KeySpec="AES_128", NumberOfBytes=16)
    equal(len(kms.generate_random(NumberOfBytes=5)["Plaintext"]), 5)


@check
def keys_are_listed_in_pages():
    there = client(region="ap-south-1")
    made = {there.create_key()["KeyMetadata"]["KeyId"] for _ in range(25)}
    pages = list(there.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 10}))
    equal([len(page["Keys"]) for page in pages], [10, 10, 5])
    equal({key["KeyId"] for page in pages for key in page["Keys"]}, made)
    equal([page["Truncated"] for page in pages], [True, True, False])
    refused("InvalidMarkerException", there.list_keys, Marker="x")
    refused("InvalidMarkerException", there.list_aliases, Marker=pages[0]["NextMarker"])
    refused("ValidationException", there.list_keys, Limit=1001)
    refused("ValidationException", there.list_aliases, Limit=101)


@check
def partitions_follow_the_region():
    there = client(region="cn-north-1")
    key = there.create_key(KeySpec="SM2", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    expect(key["Arn"].startswith("arn:aws-cn:kms:cn-north-1:"))
    identity = client("sts", region="cn-north-1").get_caller_identity()
    expect(identity["Arn"].startswith("arn:aws-cn:iam::"))


@check
def a_lost_answer_has_had_its_effect():
    control("DELETE", "calls")
    before = len(kms.list_keys(Limit=1000)["Keys"])
    control("PATCH", "faults", {"rules": [{"action": "CreateKey", "error": "close", "after": True}]})
    try:
        kms.create_key()
        raise AssertionError("the answer came")
    except (ConnectionClosedError, EndpointConnectionError):
        pass
    equal(len(kms.list_keys(Limit=1000)["Keys"]), before + 1)
    control("PATCH", "faults", {"rules": [{"action": "CreateKey", "error": "500"}]})
    refused("KMSInternalException", kms.create_key)
    equal(len(kms.list_keys(Limit=1000)["Keys"]), before + 1)
    equal(control("GET", "calls")["aws"], {"CreateKey": 2, "ListKeys": 3})


@check
def rules_fail_single_actions():
    rules = [{"action": "ListKeys", "error": "throttle", "times": 2}, {"action": "DescribeKey", "error": "AccessDeniedException"}]
    control("PATCH", "faults", {"rules": rules})
    refused("ThrottlingException", kms.list_keys, "Reduce the frequency")
    refused("ThrottlingException", kms.list_keys)
    kms.list_keys()
    refused("AccessDeniedException", kms.describe_key, KeyId=MISSING)


@check
def quotas_are_kept_on_demand():
    control("PATCH", "faults", {"quotas": True})
    for _ in range(5):
        kms.create_key()
    refused("ThrottlingException", kms.create_key, "Reduce the frequency")
    key = kms.list_keys(Limit=1)["Keys"][0]["KeyId"]
    for _ in range(10):
        kms.describe_key(KeyId=key)
    client(region="us-east-1").create_key()
    time.sleep(1.1)
    kms.create_key()
    control("PATCH", "faults", {"quotas": False})


@check
def a_clock_may_be_off_by_five_minutes():
    real = botocore.auth.get_current_datetime
    for minutes in (-4, 4):
        with mock.patch("botocore.auth.get_current_datetime", lambda: real() + datetime.timedelta(minutes=minutes)):
            kms.list_keys()
    for minutes, part in ((-6, "expired"), (6, "not yet current")):
        with mock.patch("botocore.auth.get_current_datetime", lambda: real() + datetime.timedelta(minutes=minutes)):
            refused("InvalidSignatureException", kms.list_keys, part)


@check
def reads_can_be_stale():
    key = new_key(Description="old")["KeyId"]
    control("PATCH", "faults", {"stale_ms": 60_000})
    kms.update_key_description(KeyId=key, Description="new")
    equal(kms.describe_key(KeyId=key)["KeyMetadata"]["Description"], "old")
    control("POST", "advance?seconds=61")
    equal(kms.describe_key(KeyId=key)["KeyMetadata"]["Description"], "new")
    control("PATCH", "faults", {"stale_ms": 0})


@check
def calls_can_be_slow():
    control("PATCH", "faults", {"latency_ms": 150})
    started = time.monotonic()
    kms.list_keys()
    control("PATCH", "faults", {"latency_ms": 0})
    expect(time.monotonic() - started >= 0.15)


@check
def controls_are_checked():
    for method, path, body in (("PATCH", "faults", {"colour": 1}), ("PATCH", "faults", {"throttle": 2}), ("POST", "advance", None)):
        try:
            control(method, path, body)
        except urllib.error.HTTPError as why:
            equal(why.code, 400)
        else:
            raise AssertionError(f"{path} {body} was taken")


@check
def a_standard_client_gets_through_faults():
    control("PATCH", "faults", {"seed": 5, "error_before": 0.2, "throttle": 0.2})
    patient = boto3.client(
        "kms", endpoint_url=URL, region_name=REGION, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET,
        config=Config(retries={"mode": "legacy", "total_max_attempts": 8}),
    )
    for _ in range(5):
        patient.list_keys()
    control("PATCH", "faults", {"error_before": 0, "throttle": 0})


run()
