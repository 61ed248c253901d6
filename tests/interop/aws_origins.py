"""Drives imported keys, replicas, custom key stores and what IAM knows of roles through boto3.

Usage: aws_origins.py URL [ACCESS_KEY_ID SECRET_ACCESS_KEY]

Prints one line per check, then "N passed, N failed"; exits with 1 when a check failed.
"""

import datetime
import json
import os

from aws_client import ACCOUNT, REGION, ROOT, check, client, control, equal, expect, refused, run

try:
    from cryptography.hazmat.primitives import hashes, keywrap, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
except ImportError:
    print("note  without the package cryptography no material is wrapped")
    serialization = None

kms = client()
OTHER = "eu-central-1"
there = client(region=OTHER)
MATERIAL = b"0123456789abcdef0123456789abcdef"


def new_key(**arguments):
    return kms.create_key(**arguments)["KeyMetadata"]


def shown(key, where=kms):
    return where.describe_key(KeyId=key)["KeyMetadata"]


OAEP = "RSAES_OAEP_SHA_256"


def wrap(material, parameters, algorithm=OAEP):
    public = serialization.load_der_public_key(parameters["PublicKey"])
    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None)
    if algorithm.startswith("RSAES"):
        return public.encrypt(material, oaep)
    key = os.urandom(32)
    return public.encrypt(key, oaep) + keywrap.aes_key_wrap_with_padding(key, material)


def offer(key, where=kms, algorithm=OAEP, spec="RSA_2048"):
    return where.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)


def bring(key, material=MATERIAL, where=kms, algorithm=OAEP, spec="RSA_2048", **arguments):
    parameters = offer(key, where, algorithm, spec)
    arguments = arguments or {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    wrapped = wrap(material, parameters, algorithm)
    return where.import_key_material(
        KeyId=key, ImportToken=parameters["ImportToken"], EncryptedKeyMaterial=wrapped, **arguments
    )


def pkcs8(private):
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.DER, form, none)


def public_half(private):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.DER, form)


def in_days(days):
    # The emulated clock may be ahead.
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=days)


@check
def a_key_without_material_waits_for_it():
    key = new_key(Origin="EXTERNAL")
    equal((key["KeyState"], key["Enabled"], key["Origin"]), ("PendingImport", False, "EXTERNAL"))
    expect("ExpirationModel" not in key)
    name = key["KeyId"]
    for call, arguments in (
        (kms.encrypt, dict(Plaintext=b"x")),
        (kms.enable_key, {}),
        (kms.disable_key, {}),
        (kms.create_grant, dict(GranteePrincipal=ROOT, Operations=["Decrypt"])),
    ):
        refused("KMSInvalidStateException", call, "is pending import", KeyId=name, **arguments)
    refused("UnsupportedOperationException", kms.enable_key_rotation, "EXTERNAL", KeyId=name)
    refused("UnsupportedOperationException", kms.get_key_rotation_status, KeyId=name)
    kms.update_key_description(KeyId=name, Description="waits")
    kms.tag_resource(KeyId=name, Tags=[{"TagKey": "a", "TagValue": "b"}])
    refused("UnsupportedOperationException", offer, key=new_key()["KeyId"])


@check
def material_is_imported():
    if serialization is None:
        return
    key = new_key(Origin="EXTERNAL")["KeyId"]
    answer = bring(key)
    expect(answer["KeyId"].endswith(key))
    state = shown(key)
    equal((state["KeyState"], state["ExpirationModel"]), ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE"))
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key)
    refused("KMSInvalidStateException", kms.decrypt, "is pending import", CiphertextBlob=blob)
    refused("IncorrectKeyMaterialException", bring, key=key, material=b"x" * 32)
    bring(key)
    equal(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"secret")
    kms.disable_key(KeyId=key)
    bring(key)
    equal(shown(key)["KeyState"], "Disabled")


@check
def only_good_material_is_taken():
    if serialization is None:
        return
    key = new_key(Origin="EXTERNAL")["KeyId"]
    refused("IncorrectKeyMaterialException", bring, key=key, material=b"short")
    parameters = offer(key)
    material = wrap(MATERIAL, parameters)
    common = dict(KeyId=key, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    refused("InvalidImportTokenException", kms.import_key_material, ImportToken=b"x", EncryptedKeyMaterial=material, **common)
    token = parameters["ImportToken"]
    refused("InvalidCiphertextException", kms.import_key_material, ImportToken=token, EncryptedKeyMaterial=b"x" * 256, **common)
    control("POST", "advance?seconds=86401")
    refused("ExpiredImportTokenException", kms.import_key_material, ImportToken=token, EncryptedKeyMaterial=material, **common)
    equal(shown(key)["KeyState"], "PendingImport")


@check
def material_is_wrapped_in_every_way():
    if serialization is None:
        return
    ways = [
        ("RSAES_OAEP_SHA_1", "RSA_2048"), ("RSAES_OAEP_SHA_256", "RSA_3072"), ("RSA_AES_KEY_WRAP_SHA_1", "RSA_2048"),
        ("RSA_AES_KEY_WRAP_SHA_256", "RSA_3072"),
    ]
    for algorithm, spec in ways:
        key = new_key(Origin="EXTERNAL")["KeyId"]
        bring(key, algorithm=algorithm, spec=spec)
        equal(shown(key)["KeyState"], "Enabled")
    key = new_key(Origin="EXTERNAL")["KeyId"]
    parameters = offer(key, algorithm="RSAES_OAEP_SHA_1")
    arguments = dict(KeyId=key, ImportToken=parameters["ImportToken"], ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    for algorithm in ("RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1"):
        wrapped = wrap(MATERIAL, parameters, algorithm)
        refused("InvalidCiphertextException", kms.import_key_material, EncryptedKeyMaterial=wrapped, **arguments)
    refused("UnsupportedOperationException", offer, "any more", key=key, algorithm="RSAES_PKCS1_V1_5")
    refused("UnsupportedOperationException", offer, "not emulated", key=key, algorithm="SM2PKE", spec="SM2")
    refused("ValidationException", offer, key=key, algorithm="ROT13")


@check
def halves_of_pairs_are_imported():
    if serialization is None:
        return
    pairs = {
        "RSA_2048": (rsa.generate_private_key(65537, 2048), "RSA_AES_KEY_WRAP_SHA_256"),
        "RSA_3072": (rsa.generate_private_key(65537, 3072), "RSA_AES_KEY_WRAP_SHA_1"),
        "ECC_NIST_P256": (ec.generate_private_key(ec.SECP256R1()), "RSAES_OAEP_SHA_256"),
        "ECC_NIST_P384": (ec.generate_private_key(ec.SECP384R1()), "RSAES_OAEP_SHA_1"),
        "ECC_NIST_P521": (ec.generate_private_key(ec.SECP521R1()), "RSA_AES_KEY_WRAP_SHA_256"),
        "ECC_SECG_P256K1": (ec.generate_private_key(ec.SECP256K1()), "RSAES_OAEP_SHA_256"),
    }
    wrap_all = dict(algorithm="RSA_AES_KEY_WRAP_SHA_256")
    for spec, (private, algorithm) in pairs.items():
        key = new_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
        refused("KMSInvalidStateException", kms.get_public_key, "is pending import", KeyId=key)
        other = next(other for name, (other, _) in pairs.items() if name != spec)
        refused("IncorrectKeyMaterialException", bring, key=key, material=pkcs8(other), **wrap_all)
        refused("IncorrectKeyMaterialException", bring, key=key, material=MATERIAL, **wrap_all)
        bring(key, pkcs8(private), algorithm=algorithm)
        equal(kms.get_public_key(KeyId=key)["PublicKey"], public_half(private))
        expect("CurrentKeyMaterialId" not in shown(key))
    again = rsa.generate_private_key(65537, 2048)
    refused("UnsupportedOperationException", new_key, Origin="EXTERNAL", KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
    key = new_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT", MultiRegion=True)["KeyId"]
    bring(key, pkcs8(again), **wrap_all)
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER)
    shown(key, there)
    bring(key, pkcs8(again), where=there, **wrap_all)
    equal(there.get_public_key(KeyId=key)["PublicKey"], public_half(again))
    kms.delete_imported_key_material(KeyId=key)
    refused("IncorrectKeyMaterialException", bring, key=key, material=pkcs8(pairs["RSA_2048"][0]), **wrap_all)
    bring(key, pkcs8(again), **wrap_all)
    equal(kms.get_public_key(KeyId=key)["PublicKey"], public_half(again))


@check
def macs_have_material_of_their_length():
    if serialization is None:
        return
    for spec, length in (("HMAC_224", 28), ("HMAC_256", 32), ("HMAC_384", 48), ("HMAC_512", 64)):
        key = new_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
        refused("IncorrectKeyMaterialException", bring, key=key, material=b"x" * (length - 1))
        bring(key, b"x" * length)
        equal(shown(key)["KeyState"], "Enabled")


@check
def material_expires():
    if serialization is None:
        return
    key = new_key(Origin="EXTERNAL")["KeyId"]
    refused("ValidationException", bring, "must be set", key=key, ExpirationModel="KEY_MATERIAL_EXPIRES")
    refused("ValidationException", bring, "must not be set", key=key, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE", ValidTo=in_days(9))
    refused("ValidationException", bring, "365 days", key=key, ValidTo=in_days(400))
    refused("ValidationException", bring, "in the future", key=key, ValidTo=in_days(-1))
    end = in_days(9)
    bring(key, ValidTo=end)
    equal((shown(key)["ExpirationModel"], shown(key)["ValidTo"]), ("KEY_MATERIAL_EXPIRES", end))
    control("POST", f"advance?seconds={9 * 86400}")
    state = shown(key)
    equal(state["KeyState"], "PendingImport")
    expect("ValidTo" not in state)


@check
def a_replica_is_the_same_key_in_another_region():
    key = new_key(MultiRegion=True, Description="first")
    name = key["KeyId"]
    answer = kms.replicate_key(KeyId=name, ReplicaRegion=OTHER, Description="second", Tags=[{"TagKey": "a", "TagValue": "b"}])
    replica = answer["ReplicaKeyMetadata"]
    equal((replica["KeyId"], replica["KeyState"], replica["Description"]), (name, "Creating", "second"))
    equal(answer["ReplicaTags"], [{"TagKey": "a", "TagValue": "b"}])
    expect("kms:*" in answer["ReplicaPolicy"])
    refused("KMSInvalidStateException", there.disable_key, "is creating", KeyId=name)
    shown(name, there)
    replica = shown(name, there)
    equal(replica["KeyState"], "Enabled")
    family = replica["MultiRegionConfiguration"]
    equal(family["MultiRegionKeyType"], "REPLICA")
    equal(family["PrimaryKey"], {"Arn": key["Arn"], "Region": REGION})
    equal(family["ReplicaKeys"], [{"Arn": replica["Arn"], "Region": OTHER}])
    equal(shown(name)["MultiRegionConfiguration"], {**family, "MultiRegionKeyType": "PRIMARY"})
    blob = kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
    equal(there.decrypt(CiphertextBlob=blob)["Plaintext"], b"x")
    kms.rotate_key_on_demand(KeyId=name)
    blob = kms.encrypt(KeyId=name, Plaintext=b"y")["CiphertextBlob"]
    equal(there.decrypt(CiphertextBlob=blob)["Plaintext"], b"y")
    kms.enable_key_rotation(KeyId=name)
    equal(there.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"], True)
    refused("UnsupportedOperationException", there.disable_key_rotation, "is a replica", KeyId=name)


@check
def not_every_key_can_be_replicated():
    refused("UnsupportedOperationException", kms.replicate_key, "not a multi-Region", KeyId=new_key()["KeyId"], ReplicaRegion=OTHER)
    key = new_key(MultiRegion=True)["KeyId"]
    refused("ValidationException", kms.replicate_key, KeyId=key, ReplicaRegion=REGION)
    refused("ValidationException", kms.replicate_key, KeyId=key, ReplicaRegion="cn-north-1")
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER)
    refused("AlreadyExistsException", kms.replicate_key, KeyId=key, ReplicaRegion=OTHER)
    shown(key, there)
    refused("UnsupportedOperationException", there.replicate_key, "is a replica", KeyId=key, ReplicaRegion="us-east-1")
    kms.disable_key(KeyId=key)
    refused("DisabledException", kms.replicate_key, KeyId=key, ReplicaRegion="us-east-1")
    waiting = new_key(MultiRegion=True, Origin="EXTERNAL")["KeyId"]
    refused("KMSInvalidStateException", kms.replicate_key, "is pending import", KeyId=waiting, ReplicaRegion=OTHER)


@check
def a_primary_key_goes_after_its_replicas():
    key = new_key(MultiRegion=True)["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER)
    shown(key, there)
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    equal(answer["KeyState"], "PendingReplicaDeletion")
    expect("DeletionDate" not in answer)
    equal(shown(key)["PendingDeletionWindowInDays"], 7)
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=8)
    control("POST", f"advance?seconds={8 * 86400 - 60}")
    equal(shown(key)["KeyState"], "PendingReplicaDeletion")
    control("POST", "advance?seconds=120")
    equal(shown(key)["KeyState"], "PendingDeletion")
    refused("NotFoundException", there.describe_key, KeyId=key)
    control("POST", f"advance?seconds={7 * 86400}")
    refused("NotFoundException", kms.describe_key, KeyId=key)


@check
def a_replica_takes_the_material_of_its_primary_key():
    if serialization is None:
        return
    key = new_key(MultiRegion=True, Origin="EXTERNAL")["KeyId"]
    bring(key)
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER)
    shown(key, there)
    equal(shown(key, there)["KeyState"], "PendingImport")
    refused("IncorrectKeyMaterialException", bring, key=key, material=b"x" * 32, where=there)
    bring(key, where=there)
    equal(shown(key, there)["KeyState"], "Enabled")


@check
def another_key_of_a_family_becomes_the_primary_one():
    key = new_key(MultiRegion=True)["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=OTHER)
    shown(key, there)
    shown(key, there)
    refused("UnsupportedOperationException", there.update_primary_region, "is a replica", KeyId=key, PrimaryRegion=REGION)
    refused("NotFoundException", kms.update_primary_region, "does not exist", KeyId=key, PrimaryRegion="us-east-1")
    refused("ValidationException", kms.update_primary_region, KeyId=key)
    kms.update_primary_region(KeyId=key, PrimaryRegion=OTHER)
    equal([shown(key)["KeyState"] for _ in range(2)], ["Updating", "Enabled"])
    equal([shown(key, there)["KeyState"] for _ in range(2)], ["Updating", "Enabled"])
    family = shown(key)["MultiRegionConfiguration"]
    equal((family["MultiRegionKeyType"], family["PrimaryKey"]["Region"]), ("REPLICA", OTHER))
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    equal(shown(key, there)["KeyState"], "PendingReplicaDeletion")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    equal(shown(key)["KeyState"], "PendingDeletion")


CLUSTER = dict(CloudHsmClusterId="cluster-2b3c4d5e6f7", KeyStorePassword="password1", TrustAnchorCertificate="certificate")


@check
def a_store_in_a_cluster_lives():
    refused("ValidationException", kms.create_custom_key_store, CustomKeyStoreName="a")
    wrong = {**CLUSTER, "CloudHsmClusterId": "cluster-0000000000000"}
    refused("ValidationException", kms.create_custom_key_store, "pattern", CustomKeyStoreName="a", **wrong)
    store = kms.create_custom_key_store(CustomKeyStoreName="a", **CLUSTER)["CustomKeyStoreId"]
    refused("CustomKeyStoreNameInUseException", kms.create_custom_key_store, CustomKeyStoreName="a", **CLUSTER)
    refused("CloudHsmClusterInUseException", kms.create_custom_key_store, CustomKeyStoreName="b", **CLUSTER)
    found = kms.describe_custom_key_stores(CustomKeyStoreName="a")["CustomKeyStores"]
    equal([one["CustomKeyStoreId"] for one in found], [store])
    equal((found[0]["ConnectionState"], found[0]["CloudHsmClusterId"]), ("DISCONNECTED", CLUSTER["CloudHsmClusterId"]))
    refused("CustomKeyStoreInvalidStateException", kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)
    refused("CustomKeyStoreInvalidStateException", kms.disconnect_custom_key_store, CustomKeyStoreId=store)
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    states = [kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"][0]["ConnectionState"] for _ in range(2)]
    equal(states, ["CONNECTING", "CONNECTED"])
    key = new_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)
    equal((key["CustomKeyStoreId"], key["CloudHsmClusterId"]), (store, CLUSTER["CloudHsmClusterId"]))
    refused("UnsupportedOperationException", kms.get_key_rotation_status, KeyId=key["KeyId"])
    refused("CustomKeyStoreHasCMKsException", kms.delete_custom_key_store, CustomKeyStoreId=store)
    refused("CustomKeyStoreInvalidStateException", kms.update_custom_key_store, CustomKeyStoreId=store, KeyStorePassword="password2")
    kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName="b")
    refused("CustomKeyStoreNotFoundException", kms.describe_custom_key_stores, CustomKeyStoreName="a")
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    control("POST", f"advance?seconds={7 * 86400}")
    refused("CustomKeyStoreInvalidStateException", kms.delete_custom_key_store, CustomKeyStoreId=store)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.describe_custom_key_stores()
    kms.update_custom_key_store(CustomKeyStoreId=store, KeyStorePassword="password2")
    kms.delete_custom_key_store(CustomKeyStoreId=store)
    refused("CustomKeyStoreNotFoundException", kms.describe_custom_key_stores, CustomKeyStoreId=store)


@check
def a_store_behind_a_proxy_lives():
    proxy = dict(
        CustomKeyStoreType="EXTERNAL_KEY_STORE", XksProxyConnectivity="PUBLIC_ENDPOINT", XksProxyUriEndpoint="https://keys.example.com",
        XksProxyUriPath="/kms/xks/v1", XksProxyAuthenticationCredential={"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
    )
    refused("ValidationException", kms.create_custom_key_store, CustomKeyStoreName="x", **{**proxy, "XksProxyUriPath": None})
    store = kms.create_custom_key_store(CustomKeyStoreName="x", **proxy)["CustomKeyStoreId"]
    refused("XksProxyUriInUseException", kms.create_custom_key_store, CustomKeyStoreName="y", **proxy)
    found = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"][0]
    equal(found["XksProxyConfiguration"]["UriEndpoint"], "https://keys.example.com")
    expect("s" * 43 not in json.dumps(found, default=str))
    refused("ValidationException", kms.update_custom_key_store, CustomKeyStoreId=store, KeyStorePassword="password1")
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    kms.describe_custom_key_stores()
    refused("ValidationException", kms.create_key, Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store)
    key = new_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="outside")
    equal(key["XksKeyConfiguration"], {"Id": "outside"})
    wanted = dict(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="outside")
    refused("XksKeyAlreadyInUseException", kms.create_key, **wanted)


@check
def the_last_use_of_a_key_is_known():
    key = new_key()["KeyId"]
    expect("KeyLastUsage" not in kms.get_key_last_usage(KeyId=key))
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    equal(kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]["Operation"], "Encrypt")
    kms.decrypt(CiphertextBlob=blob)
    last = kms.get_key_last_usage(KeyId=key)
    equal(last["KeyLastUsage"]["Operation"], "Decrypt")
    equal(last["KeyCreationDate"], shown(key)["CreationDate"])


@check
def every_role_exists():
    iam = client("iam", region="us-east-1")
    role = iam.get_role(RoleName="reader")["Role"]
    equal((role["Arn"], role["RoleName"]), (f"arn:aws:iam::{ACCOUNT}:role/reader", "reader"))
    client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/path/writer", RoleSessionName="me")
    equal(iam.get_role(RoleName="writer")["Role"]["Arn"], f"arn:aws:iam::{ACCOUNT}:role/path/writer")
    refused("ValidationError", iam.get_role, RoleName="a b")
    refused("InvalidAction", iam.list_roles)


run()
