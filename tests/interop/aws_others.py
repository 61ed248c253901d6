"""Sends the same calls to the emulated AWS and to one of other people, and tells for each action where the two agree.

Usage: aws_others.py URL ACCESS_KEY_ID SECRET_ACCESS_KEY OTHER_URL [moto or localstack]

Answers are compared member by member, ids and times aside; refusals by their code. Every difference that is meant stands
in MEANT with its reason. Prints a line for each action, then "N agree, N differ as meant, N differ"; exits with 1 when
there is a difference that nobody meant, or one that is meant and is none.
"""

import datetime
import fnmatch
import json
import re
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, KEY_ID, SECRET, OTHER_URL = sys.argv[1:5]
OTHER = sys.argv[5] if len(sys.argv) > 5 else "moto"
# Either takes any credentials; LocalStack takes an id of twelve digits for the account.
OTHER_KEY_ID = "123456789012"
ROOT = "arn:aws:iam::123456789012:root"
ROLE = "arn:aws:iam::123456789012:role/reader"
MISSING = "12345678-1234-4234-8234-123456789012"

# Where the two differ, as patterns of an action, its case and a place in the answer, and why the sandbox is right to.
MOTO = {
    "* outcome KMSInvalidStateException": "moto looks at no key's state; KMS refuses what the state forbids",
    "* outcome DisabledException": "moto looks at no key's state; KMS refuses what the state forbids",
    "CreateKey of the wrong usage outcome ValidationException": "moto takes every usage; KMS only what the spec allows",
    "CreateKey with no policy outcome MalformedPolicyDocumentException": "moto stores any text as a policy",
    "EnableKeyRotation that cannot rotate outcome UnsupportedOperationException": "only symmetric keys rotate",
    "RetireGrant that is missing outcome NotFoundException": "moto retires what is not there",
    "ScheduleKeyDeletion too soon outcome ValidationException": "moto leaves the key alone without a word",
    "UpdateAlias to another kind outcome ValidationException": "an alias moves among keys of one kind only",
    "*.*KeyMaterialId": "moto knows no key material",
    "*.KeyMetadata.KeyUsage": "moto shows the usage as it was asked for, which may be not at all",
    "*.KeyMetadata.MultiRegion": "moto leaves out what KMS always says",
    "*.KeyMetadata.SigningAlgorithms": "moto has an empty list where KMS has none",
    "CreateKey for codes *.EncryptionAlgorithms": "moto takes keys for codes for RSA keys",
    "CreateKey for codes *.MacAlgorithms": "moto does not list the algorithms of codes",
    "*Encrypt *.*EncryptionAlgorithm": "moto leaves out the algorithm",
    "Decrypt *.EncryptionAlgorithm": "moto leaves out the algorithm",
    "* answer.KeyId": "moto shows ids where KMS shows ARNs, or nothing",
    "* answer.Grants[[]].KeyId": "moto shows ids where KMS shows ARNs",
    "* answer.Grants[[]].CreationDate": "moto keeps no such time",
    "* answer.Grants[[]].IssuingAccount": "moto leaves out who issued a grant",
    "ListAliases * answer.Aliases[[]].*Date": "moto keeps no such time",
    "GetKeyPolicy answer.PolicyName": "moto leaves out the name of the policy",
    "GetKeyRotationStatus that rotates answer.NextRotationDate": "in moto nothing ever rotates by itself",
    "GetKeyRotationStatus that rotates answer.RotationPeriodInDays": "moto keeps no period",
    "GetPublicKey answer.KeySpec": "moto leaves out the newer name of the spec",
    "ScheduleKeyDeletion answer.KeyState": "moto leaves out the state",
    "ScheduleKeyDeletion answer.PendingWindowInDays": "moto leaves out the days",
}
LOCALSTACK = {
    "CreateAlias that AWS keeps outcome NotAuthorizedException": "LocalStack gives away names that AWS keeps",
    "CreateKey of no kind refused": "what is none of the specs is no valid parameter",
    "CreateKey of the wrong usage outcome ValidationException": "LocalStack takes every usage; KMS only what the spec allows",
    "CreateKey with no policy outcome MalformedPolicyDocumentException": "LocalStack stores any text as a policy",
    "EnableKeyRotation that cannot rotate outcome UnsupportedOperationException": "only symmetric keys rotate",
    "UpdateAlias to another kind outcome ValidationException": "an alias moves among keys of one kind only",
    "ReEncrypt outcome InternalError": "LocalStack fails with an internal error",
    "RetireGrant that is missing refused": "LocalStack fails with an internal error",
    "*.*KeyMaterialId": "LocalStack does not tell key material apart",
    "*crypt answer.EncryptionAlgorithm": "LocalStack leaves out the algorithm",
    "GetKeyPolicy answer.PolicyName": "LocalStack leaves out the name of the policy",
    "GetPublicKey answer.CustomerMasterKeySpec": "LocalStack leaves out the older name of the spec",
    "* answer.KeyId": "LocalStack shows ids where KMS shows ARNs",
    "* answer.Grants[[]].KeyId": "LocalStack shows ids where KMS shows ARNs",
    "* answer.Grants[[]].IssuingAccount": "LocalStack leaves out who issued a grant",
    "ListAliases of a key answer.Aliases": "LocalStack has given alias/aws/s3 to the key, and does not tell when an alias was changed",
    "List* answer.Truncated": "LocalStack leaves out that nothing follows",
}
MEANT = {"moto": MOTO, "localstack": LOCALSTACK}[OTHER]


def kms(url, key_id):
    return boto3.client(
        "kms", endpoint_url=url, region_name="eu-west-1", aws_access_key_id=key_id, aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


def plain(value, names):
    """A value with ids, times and random bytes taken out."""
    if isinstance(value, dict):
        hidden = {"GrantToken": "<token>"}
        own = {key: hidden.get(key, item) for key, item in value.items() if key != "ResponseMetadata"}
        return {key: plain(item, names) for key, item in own.items()}
    if isinstance(value, list):
        return sorted((plain(item, names) for item in value), key=json.dumps)
    if isinstance(value, datetime.datetime):
        return "<time>"
    if isinstance(value, bytes):
        return "<bytes>"
    if isinstance(value, str):
        for name, stands_for in names.items():
            value = value.replace(name, stands_for)
        return re.sub("^[0-9a-f]{64}$", "<hex>", value)
    return value


def differences(ours, theirs, place):
    """The places at which two plain values differ, with both."""
    refusals = [value["refused"] for value in (ours, theirs) if not place and "refused" in value]
    if len(refusals) == 1:
        return [(f"outcome {refusals[0]}", ours.get("refused", "done"), theirs.get("refused", "done"))]
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted(set(ours) | set(theirs)):
            found += differences(ours.get(key, "<none>"), theirs.get(key, "<none>"), f"{place}.{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [one for pair in zip(ours, theirs) for one in differences(*pair, f"{place}[]")]
    return [] if ours == theirs else [(place, ours, theirs)]


class World:
    """One of the two, with the ids of what was made in it by the names that the calls give them."""

    def __init__(self, url, key_id):
        self.client = kms(url, key_id)
        self.ids = {}
        self.kept = {}

    def call(self, action, arguments, keep):
        def known(value):
            if isinstance(value, str):
                for name, own in self.ids.items():
                    value = own if value == f"<{name}>" else value
                return self.kept.get(value, value)
            if isinstance(value, list):
                return [known(item) for item in value]
            if isinstance(value, dict):
                return {key: known(item) for key, item in value.items()}
            return value

        method = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
        try:
            answer = getattr(self.client, method)(**known(arguments))
        except ClientError as why:
            code = why.response["Error"]["Code"]
            return {"refused": code if not code.isdigit() else "InternalServerError"}
        if keep:
            self.keep(keep, answer)
        names = {own: f"<{name}>" for name, own in self.ids.items()}
        return {"answer": plain(answer, names)}

    def keep(self, name, answer):
        if "KeyMetadata" in answer:
            self.ids[name] = answer["KeyMetadata"]["KeyId"]
        elif "GrantId" in answer:
            self.ids[name] = answer["GrantId"]
        elif "CiphertextBlob" in answer:
            self.kept[f"<{name}>"] = answer["CiphertextBlob"]


POLICY = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}],
})

# Action, arguments, and the name of what it makes; "<k>" is what was made as k. A fourth word tells cases apart.
CALLS = [
    ("CreateKey", {"Description": "d", "Tags": [{"TagKey": "a", "TagValue": "1"}]}, "k", ""),
    ("CreateKey", {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, "s", "for signing"),
    ("CreateKey", {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "h", "for codes"),
    ("DescribeKey", {"KeyId": "<k>"}, "", ""),
    ("DescribeKey", {"KeyId": "<s>"}, "", "for signing"),
    ("DescribeKey", {"KeyId": MISSING}, "", "that is missing"),
    ("UpdateKeyDescription", {"KeyId": "<k>", "Description": "e"}, "", ""),
    ("UpdateKeyDescription", {"KeyId": MISSING, "Description": "e"}, "", "that is missing"),
    ("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": "<k>"}, "", ""),
    ("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": "<k>"}, "", "twice"),
    ("CreateAlias", {"AliasName": "a", "TargetKeyId": "<k>"}, "", "without alias/"),
    ("CreateAlias", {"AliasName": "alias/aws/s3", "TargetKeyId": "<k>"}, "", "that AWS keeps"),
    ("CreateAlias", {"AliasName": "alias/b", "TargetKeyId": MISSING}, "", "of a missing key"),
    ("DescribeKey", {"KeyId": "alias/a"}, "", "by its alias"),
    ("ListAliases", {"KeyId": "<k>"}, "", "of a key"),
    ("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": "<s>"}, "", "to another kind"),
    ("UpdateAlias", {"AliasName": "alias/x", "TargetKeyId": "<k>"}, "", "that is missing"),
    ("DeleteAlias", {"AliasName": "alias/a"}, "", ""),
    ("DeleteAlias", {"AliasName": "alias/a"}, "", "that is missing"),
    ("ListKeys", {}, "", ""),
    ("ListResourceTags", {"KeyId": "<k>"}, "", ""),
    ("TagResource", {"KeyId": "<k>", "Tags": [{"TagKey": "b", "TagValue": "2"}]}, "", ""),
    ("TagResource", {"KeyId": MISSING, "Tags": [{"TagKey": "b", "TagValue": "2"}]}, "", "that is missing"),
    ("UntagResource", {"KeyId": "<k>", "TagKeys": ["a"]}, "", ""),
    ("ListResourceTags", {"KeyId": "<k>"}, "", "after changes"),
    ("PutKeyPolicy", {"KeyId": "<k>", "PolicyName": "default", "Policy": POLICY}, "", ""),
    ("PutKeyPolicy", {"KeyId": MISSING, "PolicyName": "default", "Policy": POLICY}, "", "that is missing"),
    ("GetKeyPolicy", {"KeyId": "<k>", "PolicyName": "default"}, "", ""),
    ("GetKeyPolicy", {"KeyId": MISSING, "PolicyName": "default"}, "", "that is missing"),
    ("ListKeyPolicies", {"KeyId": "<k>"}, "", ""),
    ("GetKeyRotationStatus", {"KeyId": "<k>"}, "", ""),
    ("EnableKeyRotation", {"KeyId": "<k>"}, "", ""),
    ("GetKeyRotationStatus", {"KeyId": "<k>"}, "", "that rotates"),
    ("DisableKeyRotation", {"KeyId": "<k>"}, "", ""),
    ("EnableKeyRotation", {"KeyId": "<s>"}, "", "that cannot rotate"),
    ("RotateKeyOnDemand", {"KeyId": "<k>"}, "", ""),
    ("DisableKey", {"KeyId": "<k>"}, "", ""),
    ("DescribeKey", {"KeyId": "<k>"}, "", "that is disabled"),
    ("Encrypt", {"KeyId": "<k>", "Plaintext": b"x"}, "", "with a disabled key"),
    ("EnableKey", {"KeyId": "<k>"}, "", ""),
    ("EnableKey", {"KeyId": MISSING}, "", "that is missing"),
    ("Encrypt", {"KeyId": "<k>", "Plaintext": b"x", "EncryptionContext": {"c": "1"}}, "c", ""),
    ("Encrypt", {"KeyId": "<k>", "Plaintext": b"x" * 4097}, "", "of too much"),
    ("Decrypt", {"CiphertextBlob": "<c>", "EncryptionContext": {"c": "1"}}, "", ""),
    ("Decrypt", {"CiphertextBlob": "<c>"}, "", "without its context"),
    ("GenerateDataKey", {"KeyId": "<k>", "KeySpec": "AES_256"}, "", ""),
    ("GenerateDataKeyWithoutPlaintext", {"KeyId": "<k>", "KeySpec": "AES_256"}, "", ""),
    ("GenerateRandom", {"NumberOfBytes": 8}, "", ""),
    ("ReEncrypt", {"CiphertextBlob": "<c>", "SourceEncryptionContext": {"c": "1"}, "DestinationKeyId": "<k>"}, "", ""),
    ("GetPublicKey", {"KeyId": "<s>"}, "", ""),
    ("CreateGrant", {"KeyId": "<k>", "GranteePrincipal": ROLE, "Operations": ["Decrypt"], "Name": "n"}, "g", ""),
    ("ListGrants", {"KeyId": "<k>"}, "", ""),
    ("ListGrants", {"KeyId": "<k>", "GrantId": "<g>"}, "", "of one id"),
    ("ListRetirableGrants", {"RetiringPrincipal": ROLE}, "", ""),
    ("RevokeGrant", {"KeyId": "<k>", "GrantId": "<g>"}, "", ""),
    ("RetireGrant", {"KeyId": "<k>", "GrantId": "<g>"}, "", "that is missing"),
    ("ScheduleKeyDeletion", {"KeyId": "<k>", "PendingWindowInDays": 7}, "", ""),
    ("ScheduleKeyDeletion", {"KeyId": "<h>", "PendingWindowInDays": 3}, "", "too soon"),
    ("ScheduleKeyDeletion", {"KeyId": MISSING}, "", "that is missing"),
    ("DescribeKey", {"KeyId": "<k>"}, "", "that is being deleted"),
    ("EnableKey", {"KeyId": "<k>"}, "", "that is being deleted"),
    ("CancelKeyDeletion", {"KeyId": "<k>"}, "", ""),
    ("CancelKeyDeletion", {"KeyId": "<s>"}, "", "that is not being deleted"),
    ("CreateKey", {"KeySpec": "NONE"}, "", "of no kind"),
    ("CreateKey", {"KeyUsage": "SIGN_VERIFY"}, "", "of the wrong usage"),
    ("CreateKey", {"Policy": "no policy"}, "", "with no policy"),
]


def main():
    ours, theirs = World(URL, KEY_ID), World(OTHER_URL, OTHER_KEY_ID)
    actions, unmet = {}, set(MEANT)
    for action, arguments, keep, case in CALLS:
        name = f"{action} {case}".strip()
        answers = [world.call(action, arguments, keep) for world in (ours, theirs)]
        told = actions.setdefault(action, {"calls": 0, "agree": 0, "meant": [], "differ": []})
        told["calls"] += 1
        found = differences(*answers, "")
        told["agree"] += not found
        for place, mine, other in found:
            place = f"{name} {place.lstrip('.')}"
            patterns = [pattern for pattern in MEANT if fnmatch.fnmatchcase(place, pattern)]
            unmet.difference_update(patterns)
            reason = MEANT[patterns[0]] if patterns else None
            line = f"{place}: {json.dumps(mine, sort_keys=True)} here, {json.dumps(other, sort_keys=True)} in {OTHER}"
            told["meant" if reason else "differ"].append((line, reason))
    for action, told in sorted(actions.items()):
        print(f"{action:<34} {told['agree']} of {told['calls']} calls agree")
        for line, reason in told["meant"]:
            print(f"    {line}\n      because {reason}")
        for line, _ in told["differ"]:
            print(f"    NOT MEANT {line}")
    for place in sorted(unmet):
        print(f"NO DIFFERENCE any more: {place}")
    count = lambda kind: sum(len(told[kind]) for told in actions.values())
    agree = sum(told["agree"] for told in actions.values())
    print(f"{agree} agree, {count('meant')} differ as meant, {count('differ') + len(unmet)} differ")
    sys.exit(1 if count("differ") or unmet else 0)


main()
