"""The official Alibaba Cloud SDKs drive whole lives against the sandbox.

Usage: alicloud_sandbox.py http://127.0.0.1:PORT

Clients that keyform does not share a line with: alibabacloud_kms20160120 and alibabacloud_bssopenapi20171214
(ACS3-HMAC-SHA256), and aliyun-python-sdk-kms (RPC, HMAC-SHA1). One line per check, the sum in the last line, exit 1 on any failure.
"""

import base64
import importlib
import json
import logging
import sys
import time
import traceback
from urllib.parse import urlparse

from alibabacloud_bssopenapi20171214 import models as b
from alibabacloud_bssopenapi20171214.client import Client as BillingClient
from alibabacloud_kms20160120 import models as m
from alibabacloud_kms20160120.client import Client
from alibabacloud_tea_openapi import utils_models as open_api
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_util.models import RuntimeOptions
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import pkcs12

ID = "LTAI5tKeyformSandbox01"
SECRET = "keyformSandboxSecret0123456789"
REGION = "cn-hangzhou"
CHECKS = []

# The actions that each SDK was asked for, without capitals.
DRIVEN = {"newer": set(), "older": set()}


def check(function):
    """Registers a check; its name is the sentence that it proves."""
    CHECKS.append(function)
    return function


class Watched:
    """A client of the newer SDK, of which is noted what it was asked for."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        DRIVEN["newer"].add(name.replace("_", ""))
        return getattr(self.client, name)


def configuration(secret=SECRET, access_key_id=ID, token=None):
    return open_api.Config(
        access_key_id=access_key_id,
        access_key_secret=secret,
        security_token=token,
        endpoint=ENDPOINT.netloc,
        protocol="HTTP",
        region_id=REGION,
    )


def client(secret=SECRET, access_key_id=ID, token=None):
    return Client(configuration(secret, access_key_id, token))


def ecs(action, **parameters):
    """A call of ECS through the newer SDK's client for any service."""
    return generic("2014-05-26", action, **parameters)


def generic(version, action, **parameters):
    """A call of any service through the newer SDK."""
    DRIVEN["newer"].add(action.lower())
    params = open_api.Params(
        action=action,
        version=version,
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="json",
    )
    request = open_api.OpenApiRequest(query={"RegionId": REGION, **parameters})
    return OpenApiClient(configuration()).call_api(params, request, RuntimeOptions())["body"]


def common(version, action, **parameters):
    """A call of any service through the older SDK."""
    DRIVEN["older"].add(action.lower())
    request = CommonRequest(domain=ENDPOINT.netloc, version=version, action_name=action)
    request.set_protocol_type("http")
    request.set_method("POST")
    request.set_accept_format("json")
    for name, value in parameters.items():
        request.add_query_param(name, value)
    return json.loads(OLD.do_action_with_exception(request))


def bought(product_type="kms_ddi_public_cn", **parameters):
    """The id of something that was bought."""
    all_parameters = {"Region": REGION, **parameters}
    body = BILLING.create_instance(
        b.CreateInstanceRequest(
            client_token=f"interop-{time.monotonic_ns()}",
            product_code="kms",
            product_type=product_type,
            subscription_type="Subscription",
            period=1,
            parameter=[b.CreateInstanceRequestParameter(code=k, value=v) for k, v in all_parameters.items()],
        )
    ).body
    assert body.success
    return body.data.instance_id


def instance(instance_id):
    return NEW.get_kms_instance(m.GetKmsInstanceRequest(kms_instance_id=instance_id)).body.kms_instance


def order(instance_id):
    request = b.QueryAvailableInstancesRequest(instance_ids=instance_id, product_code="kms")
    orders = BILLING.query_available_instances(request).body.data.instance_list
    return orders[0] if orders else None


def connected(instance_id):
    NEW.connect_kms_instance(
        m.ConnectKmsInstanceRequest(
            kms_instance_id=instance_id,
            vpc_id="vpc-1",
            zone_ids="cn-hangzhou-j,cn-hangzhou-k",
            v_switch_ids="vsw-1",
            kmprovider="Aliyun",
        )
    )
    for _ in range(50):
        if instance(instance_id).status == "Connected":
            return instance(instance_id)
        time.sleep(0.1)
    raise AssertionError("the instance is not connected")


def refused(call, *arguments):
    """The code and status of the refusal of a call that must not succeed."""
    try:
        call(*arguments)
    except Exception as error:  # the two SDKs share no base class
        if isinstance(error, (ServerException, ClientException)):
            return error.get_error_code(), getattr(error, "get_http_status", lambda: None)()
        if hasattr(error, "code"):
            return error.code, getattr(error, "status_code", None) or (error.data or {}).get("statusCode")
        raise
    raise AssertionError("the call was not refused")


def equal(left, right):
    assert left == right, f"{left!r} is not {right!r}"


def old(action, through=None, package="aliyunsdkkms.request.v20160120", **parameters):
    """A call through the older SDK: its request class with a setter per parameter."""
    DRIVEN["older"].add(action.lower())
    module = importlib.import_module(f"{package}.{action}Request")
    request = getattr(module, f"{action}Request")()
    request.set_protocol_type("http")
    request.set_endpoint(ENDPOINT.netloc)
    request.set_accept_format("json")
    for name, value in parameters.items():
        getattr(request, f"set_{name}")(value)
    return json.loads((through or OLD).do_action_with_exception(request))


def new_key(**arguments):
    return NEW.create_key(m.CreateKeyRequest(**arguments)).body.key_metadata


def described(key_id):
    return NEW.describe_key(m.DescribeKeyRequest(key_id=key_id)).body.key_metadata


def tags_of(kind, resource_id):
    rows, token = {}, None
    while True:
        body = NEW.list_tag_resources(
            m.ListTagResourcesRequest(
                region_id=REGION, resource_type=kind, resource_id=[resource_id], next_token=token
            )
        ).body
        rows.update({row.tag_key: row.tag_value for row in body.tag_resources.tag_resource})
        token = body.next_token
        if not token:
            return rows


# Keys


@check
def a_key_lives_from_creation_to_scheduled_deletion():
    key = new_key(description="prod key: a+b=c & d/e *~ (ü)", protection_level="SOFTWARE")
    equal(key.key_state, "Enabled")
    equal(key.description, "prod key: a+b=c & d/e *~ (ü)")
    equal((key.key_spec, key.key_usage), ("Aliyun_AES_256", "ENCRYPT/DECRYPT"))
    equal(key.arn, f"acs:kms:{REGION}:1234567890123456:key/{key.key_id}")
    NEW.disable_key(m.DisableKeyRequest(key_id=key.key_id))
    equal(described(key.key_id).key_state, "Disabled")
    NEW.enable_key(m.EnableKeyRequest(key_id=key.key_id))
    NEW.update_key_description(m.UpdateKeyDescriptionRequest(key_id=key.key_id, description="new"))
    equal(described(key.key_id).description, "new")
    NEW.schedule_key_deletion(m.ScheduleKeyDeletionRequest(key_id=key.key_id, pending_window_in_days=7))
    equal(described(key.key_id).key_state, "PendingDeletion")
    assert described(key.key_id).delete_date
    again = m.ScheduleKeyDeletionRequest(key_id=key.key_id, pending_window_in_days=7)
    equal(refused(NEW.schedule_key_deletion, again), ("Rejected.StateModifiedFailed", 409))
    NEW.cancel_key_deletion(m.CancelKeyDeletionRequest(key_id=key.key_id))
    equal(described(key.key_id).key_state, "Enabled")


@check
def an_unknown_key_is_not_found():
    code = refused(NEW.describe_key, m.DescribeKeyRequest(key_id="key-nowhere"))
    equal(code, ("Forbidden.KeyNotFound", 404))


@check
def a_missing_parameter_is_named():
    equal(refused(NEW.describe_key, m.DescribeKeyRequest()), ("MissingParameter", 400))


@check
def rotation_is_kept_in_seconds_and_suspended_with_the_key():
    key_id = new_key(enable_automatic_rotation=True, rotation_interval="7d").key_id
    key = described(key_id)
    equal((key.automatic_rotation, key.rotation_interval), ("Enabled", "604800s"))
    assert key.next_rotation_date > key.last_rotation_date
    NEW.disable_key(m.DisableKeyRequest(key_id=key_id))
    equal(described(key_id).automatic_rotation, "Suspended")
    change = m.UpdateRotationPolicyRequest(
        key_id=key_id, enable_automatic_rotation=True, rotation_interval="30d"
    )
    equal(refused(NEW.update_rotation_policy, change), ("Rejected.Disabled", 409))
    NEW.enable_key(m.EnableKeyRequest(key_id=key_id))
    NEW.update_rotation_policy(change)
    equal(described(key_id).rotation_interval, "2592000s")
    off = m.UpdateRotationPolicyRequest(key_id=key_id, enable_automatic_rotation=False)
    NEW.update_rotation_policy(off)
    equal(described(key_id).rotation_interval, None)


@check
def deletion_protection_holds():
    key = new_key()
    NEW.set_deletion_protection(
        m.SetDeletionProtectionRequest(
            protected_resource_arn=key.arn,
            enable_deletion_protection=True,
            deletion_protection_description="keep",
        )
    )
    equal(described(key.key_id).deletion_protection, "Enabled")
    equal(described(key.key_id).deletion_protection_description, "keep")
    schedule = m.ScheduleKeyDeletionRequest(key_id=key.key_id, pending_window_in_days=7)
    equal(refused(NEW.schedule_key_deletion, schedule)[1], 409)


@check
def a_key_policy_is_set_and_read():
    key_id = new_key().key_id
    body = NEW.get_key_policy(m.GetKeyPolicyRequest(key_id=key_id)).body
    equal(json.loads(body.policy)["Version"], "1")
    policy = '{"Version":"1","Statement":[{"Effect":"Allow","Action":["kms:*"],"Resource":["*"]}]}'
    NEW.set_key_policy(m.SetKeyPolicyRequest(key_id=key_id, policy=policy, policy_name="default"))
    equal(NEW.get_key_policy(m.GetKeyPolicyRequest(key_id=key_id)).body.policy, policy)


@check
def key_lists_come_in_pages():
    made = {new_key().key_id for _ in range(3)}
    seen, number = [], 1
    while True:
        body = NEW.list_keys(m.ListKeysRequest(page_number=number, page_size=2)).body
        seen += [key.key_id for key in body.keys.key]
        if len(body.keys.key) < 2:
            break
        number += 1
    equal(len(seen), body.total_count)
    equal(len(seen), len(set(seen)))
    assert made <= set(seen)
    filters = json.dumps([{"Key": "KeyState", "Values": ["PendingImport"]}])
    equal(NEW.list_keys(m.ListKeysRequest(filters=filters)).body.total_count, 0)


@check
def an_asymmetric_key_gives_out_its_public_half():
    key_id = new_key(key_spec="RSA_2048", key_usage="SIGN/VERIFY").key_id
    versions = NEW.list_key_versions(m.ListKeyVersionsRequest(key_id=key_id)).body
    version = versions.key_versions.key_version[0].key_version_id
    body = NEW.get_public_key(m.GetPublicKeyRequest(key_id=key_id, key_version_id=version)).body
    public = serialization.load_pem_public_key(body.public_key.encode())
    equal(public.key_size, 2048)


@check
def foreign_material_is_imported():
    key = new_key(origin="EXTERNAL")
    equal(key.key_state, "PendingImport")
    offer = NEW.get_parameters_for_import(
        m.GetParametersForImportRequest(
            key_id=key.key_id, wrapping_algorithm="RSAES_PKCS1_V1_5", wrapping_key_spec="RSA_2048"
        )
    ).body
    public = serialization.load_der_public_key(base64.b64decode(offer.public_key))
    wrapped = base64.b64encode(public.encrypt(b"k" * 32, padding.PKCS1v15())).decode()
    NEW.import_key_material(
        m.ImportKeyMaterialRequest(
            key_id=key.key_id,
            encrypted_key_material=wrapped,
            import_token=offer.import_token,
            key_material_expire_unix=0,
        )
    )
    equal(described(key.key_id).key_state, "Enabled")


# Encryption


@check
def what_was_encrypted_is_decrypted_in_the_same_context_only():
    key_id = new_key().key_id
    plain = base64.b64encode("geheim ü".encode()).decode()
    context = {"app": "web", "env": "prod"}
    body = NEW.encrypt(m.EncryptRequest(key_id=key_id, plaintext=plain, encryption_context=context)).body
    equal(body.key_id, key_id)
    opened = NEW.decrypt(
        m.DecryptRequest(
            ciphertext_blob=body.ciphertext_blob, encryption_context={"env": "prod", "app": "web"}
        )
    ).body
    equal((opened.plaintext, opened.key_version_id), (plain, body.key_version_id))
    without = m.DecryptRequest(ciphertext_blob=body.ciphertext_blob)
    equal(refused(NEW.decrypt, without), ("InvalidParameter", 400))
    NEW.disable_key(m.DisableKeyRequest(key_id=key_id))
    right = m.DecryptRequest(ciphertext_blob=body.ciphertext_blob, encryption_context=context)
    equal(refused(NEW.decrypt, right), ("Rejected.Disabled", 409))


@check
def a_data_key_comes_open_and_sealed():
    key_id = new_key().key_id
    body = NEW.generate_data_key(m.GenerateDataKeyRequest(key_id=key_id, key_spec="AES_128")).body
    equal(len(base64.b64decode(body.plaintext)), 16)
    opened = NEW.decrypt(m.DecryptRequest(ciphertext_blob=body.ciphertext_blob)).body
    equal(opened.plaintext, body.plaintext)


# Aliases and tags


@check
def an_alias_lives_moves_and_goes():
    one, two = new_key().key_id, new_key().key_id
    NEW.create_alias(m.CreateAliasRequest(alias_name="alias/interop", key_id=one))
    taken = m.CreateAliasRequest(alias_name="alias/interop", key_id=two)
    equal(refused(NEW.create_alias, taken), ("AliasAlreadyExists", 400))
    equal(described("alias/interop").key_id, one)
    NEW.update_alias(m.UpdateAliasRequest(alias_name="alias/interop", key_id=two))
    body = NEW.list_aliases_by_key_id(m.ListAliasesByKeyIdRequest(key_id=two)).body
    equal([alias.alias_name for alias in body.aliases.alias], ["alias/interop"])
    body = NEW.list_aliases(m.ListAliasesRequest(page_number=1, page_size=100)).body
    assert any(alias.alias_arn.endswith(":alias/interop") for alias in body.aliases.alias)
    NEW.delete_alias(m.DeleteAliasRequest(alias_name="alias/interop"))
    gone = m.DeleteAliasRequest(alias_name="alias/interop")
    equal(refused(NEW.delete_alias, gone), ("Forbidden.AliasNotFound", 404))


@check
def a_bad_alias_name_is_refused():
    key_id = new_key().key_id
    for name in ["interop", "alias/acs/x"]:
        bad = m.CreateAliasRequest(alias_name=name, key_id=key_id)
        equal(refused(NEW.create_alias, bad), ("InvalidParameter", 400))


@check
def tags_of_keys_are_added_and_taken_away():
    key_id = new_key(tags=json.dumps([{"TagKey": "env", "TagValue": "prod"}])).key_id
    NEW.tag_resources(
        m.TagResourcesRequest(
            region_id=REGION,
            resource_type="key",
            resource_id=[key_id],
            tag=[m.TagResourcesRequestTag(key="team", value="a b"), m.TagResourcesRequestTag(key="x", value="")],
        )
    )
    equal(tags_of("key", key_id), {"env": "prod", "team": "a b", "x": ""})
    NEW.untag_resources(
        m.UntagResourcesRequest(
            region_id=REGION, resource_type="key", resource_id=[key_id], tag_key=["env", "x"]
        )
    )
    equal(tags_of("key", key_id), {"team": "a b"})


@check
def long_tag_lists_come_with_a_next_token():
    tags = json.dumps([{"TagKey": f"k{n}", "TagValue": "v"} for n in range(20)])
    for _ in range(11):
        new_key(tags=tags)
    request = m.ListTagResourcesRequest(region_id=REGION, resource_type="key")
    first = NEW.list_tag_resources(request).body
    equal(len(first.tag_resources.tag_resource), 200)
    request.next_token = first.next_token
    assert NEW.list_tag_resources(request).body.tag_resources.tag_resource


# Secrets


@check
def a_secret_lives_with_its_versions_and_stages():
    name = "app/interop"
    data = 'p@ss word+1&x=~*"ü'
    made = NEW.create_secret(
        m.CreateSecretRequest(secret_name=name, version_id="v1", secret_data=data, description="d")
    ).body
    equal((made.secret_type, made.version_id), ("Generic", "v1"))
    value = NEW.get_secret_value(m.GetSecretValueRequest(secret_name=name)).body
    equal((value.secret_data, value.version_stages.version_stage), (data, ["ACSCurrent"]))
    NEW.put_secret_value(m.PutSecretValueRequest(secret_name=name, version_id="v2", secret_data="two"))
    NEW.put_secret_value(
        m.PutSecretValueRequest(
            secret_name=name, version_id="v3", secret_data="three", version_stages='["next"]'
        )
    )
    other = m.PutSecretValueRequest(secret_name=name, version_id="v2", secret_data="other")
    equal(refused(NEW.put_secret_value, other), ("Rejected.ResourceExist", 409))
    body = NEW.list_secret_version_ids(m.ListSecretVersionIdsRequest(secret_name=name)).body
    stages = {row.version_id: row.version_stages.version_stage for row in body.version_ids.version_id}
    equal(stages, {"v1": ["ACSPrevious"], "v2": ["ACSCurrent"], "v3": ["next"]})
    NEW.update_secret_version_stage(
        m.UpdateSecretVersionStageRequest(
            secret_name=name, version_stage="ACSCurrent", move_to_version="v3"
        )
    )
    equal(NEW.get_secret_value(m.GetSecretValueRequest(secret_name=name)).body.secret_data, "three")
    previous = m.GetSecretValueRequest(secret_name=name, version_stage="ACSPrevious")
    equal(NEW.get_secret_value(previous).body.version_id, "v2")
    deprecated = m.ListSecretVersionIdsRequest(secret_name=name, include_deprecated="true", page_size=2)
    body = NEW.list_secret_version_ids(deprecated).body
    equal((body.total_count, len(body.version_ids.version_id)), (3, 2))


@check
def a_secret_waits_in_its_window_and_comes_back():
    name = "window"
    first = m.CreateSecretRequest(secret_name=name, version_id="v1", secret_data="x")
    NEW.create_secret(first)
    equal(refused(NEW.create_secret, first), ("Rejected.ResourceExist", 409))
    gone = NEW.delete_secret(m.DeleteSecretRequest(secret_name=name, recovery_window_in_days="7")).body
    secret = NEW.describe_secret(m.DescribeSecretRequest(secret_name=name)).body
    equal(secret.planned_delete_time, gone.planned_delete_time)
    equal(refused(NEW.create_secret, first), ("Rejected.ResourceInDeleteWindow", 409))
    NEW.restore_secret(m.RestoreSecretRequest(secret_name=name))
    equal(refused(NEW.restore_secret, m.RestoreSecretRequest(secret_name=name)), ("Rejected.ResourceInUse", 409))
    NEW.delete_secret(m.DeleteSecretRequest(secret_name=name, force_delete_without_recovery="true"))
    missing = m.DescribeSecretRequest(secret_name=name)
    equal(refused(NEW.describe_secret, missing), ("Forbidden.ResourceNotFound", 404))


@check
def a_secret_is_changed_in_place():
    name = "changed"
    key_id = new_key().key_id
    NEW.create_secret(
        m.CreateSecretRequest(
            secret_name=name,
            version_id="v1",
            secret_data=base64.b64encode(b"\x00\x01").decode(),
            secret_data_type="binary",
            encryption_key_id=key_id,
            tags=json.dumps([{"TagKey": "env", "TagValue": "prod"}]),
        )
    )
    NEW.update_secret(m.UpdateSecretRequest(secret_name=name, description="new"))
    NEW.update_secret_rotation_policy(
        m.UpdateSecretRotationPolicyRequest(
            secret_name=name, enable_automatic_rotation=True, rotation_interval="12h"
        )
    )
    secret = NEW.describe_secret(m.DescribeSecretRequest(secret_name=name, fetch_tags="true")).body
    equal((secret.description, secret.rotation_interval), ("new", "43200s"))
    equal((secret.encryption_key_id, secret.tags.tag[0].tag_value), (key_id, "prod"))
    equal(tags_of("secret", name), {"env": "prod"})
    policy = '{"Version":"1","Statement":[{"Effect":"Allow"}]}'
    NEW.set_secret_policy(m.SetSecretPolicyRequest(secret_name=name, policy=policy))
    equal(NEW.get_secret_policy(m.GetSecretPolicyRequest(secret_name=name)).body.policy, policy)
    body = NEW.list_secrets(m.ListSecretsRequest(fetch_tags="true", page_size=100)).body
    assert any(row.secret_name == name and row.tags.tag for row in body.secret_list.secret)


# Access points and client keys


@check
def an_access_point_lives_and_goes():
    NEW.create_application_access_point(
        m.CreateApplicationAccessPointRequest(
            name="interop", policies='["p1", "p2"]', authentication_method="ClientKey"
        )
    )
    NEW.update_application_access_point(
        m.UpdateApplicationAccessPointRequest(name="interop", policies='["p3"]', description="d")
    )
    request = m.DescribeApplicationAccessPointRequest(name="interop")
    body = NEW.describe_application_access_point(request).body
    equal((body.description, json.loads(body.policies)), ("d", ["p3"]))
    body = NEW.list_application_access_points(m.ListApplicationAccessPointsRequest()).body
    assert any(row.name == "interop" for row in body.application_access_points.application_access_point)
    NEW.delete_application_access_point(m.DeleteApplicationAccessPointRequest(name="interop"))
    code = refused(NEW.describe_application_access_point, request)
    equal(code, ("Forbidden.ResourceNotFound", 404))


@check
def a_client_key_is_a_key_pair_under_a_password():
    NEW.create_application_access_point(
        m.CreateApplicationAccessPointRequest(name="holder", policies='["p1"]')
    )
    made = NEW.create_client_key(
        m.CreateClientKeyRequest(
            aap_name="holder",
            password="passw0rd!",
            not_before="2023-09-01T14:11:22Z",
            not_after="2099-09-01T14:11:22Z",
        )
    ).body
    file = base64.b64decode(made.private_key_data)
    private, certificate, _ = pkcs12.load_key_and_certificates(file, b"passw0rd!")
    equal(private.key_size, 2048)
    equal(private.public_key().public_numbers(), certificate.public_key().public_numbers())
    equal(certificate.not_valid_after_utc.year, 2099)
    try:
        pkcs12.load_key_and_certificates(file, b"another1")
        raise AssertionError("a wrong password opened the file")
    except ValueError:
        pass
    key = NEW.get_client_key(m.GetClientKeyRequest(client_key_id=made.client_key_id)).body
    equal((key.aap_name, key.not_after), ("holder", "2099-09-01T14:11:22Z"))
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    equal(key.public_key_data.split(), pem.split())
    keys = NEW.list_client_keys(m.ListClientKeysRequest(aap_name="holder")).body.client_keys
    equal([key.client_key_id for key in keys], [made.client_key_id])
    NEW.delete_client_key(m.DeleteClientKeyRequest(client_key_id=made.client_key_id))
    gone = m.GetClientKeyRequest(client_key_id=made.client_key_id)
    equal(refused(NEW.get_client_key, gone), ("Forbidden.ResourceNotFound", 404))


@check
def policies_and_network_rules_live_and_go():
    NEW.create_network_rule(
        m.CreateNetworkRuleRequest(name="n1", type="Private", source_private_ip='["10.0.0.0/8"]')
    )
    NEW.create_policy(
        m.CreatePolicyRequest(
            name="p1",
            kms_instance="shared",
            permissions='["RbacPermission/Template/CryptoServiceKeyUser"]',
            resources='["key/*"]',
            access_control_rules='{"NetworkRules":["n1"]}',
        )
    )
    policy = NEW.describe_policy(m.DescribePolicyRequest(name="p1")).body
    equal((policy.resources, policy.access_control_rules), (["key/*"], '{"NetworkRules":["n1"]}'))
    rule = NEW.describe_network_rule(m.DescribeNetworkRuleRequest(name="n1")).body
    equal(json.loads(rule.source_private_ip), ["10.0.0.0/8"])
    NEW.update_network_rule(
        m.UpdateNetworkRuleRequest(name="n1", source_private_ip='["10.0.0.0/8","192.168.0.1"]', description="two")
    )
    rule = NEW.describe_network_rule(m.DescribeNetworkRuleRequest(name="n1")).body
    equal((json.loads(rule.source_private_ip), rule.description), (["10.0.0.0/8", "192.168.0.1"], "two"))
    NEW.update_policy(
        m.UpdatePolicyRequest(
            name="p1",
            permissions='["RbacPermission/Template/CryptoServiceSecretUser"]',
            resources='["secret/*"]',
            access_control_rules='{"NetworkRules":[]}',
        )
    )
    policy = NEW.describe_policy(m.DescribePolicyRequest(name="p1")).body
    equal((policy.resources, policy.access_control_rules), (["secret/*"], '{"NetworkRules":[]}'))
    equal(policy.permissions, ["RbacPermission/Template/CryptoServiceSecretUser"])
    equal(refused(NEW.update_policy, m.UpdatePolicyRequest(name="p2"))[0], "Forbidden.ResourceNotFound")
    NEW.delete_policy(m.DeletePolicyRequest(name="p1"))
    NEW.delete_network_rule(m.DeleteNetworkRuleRequest(name="n1"))
    equal(refused(NEW.describe_policy, m.DescribePolicyRequest(name="p1"))[0], "Forbidden.ResourceNotFound")


# Signatures


@check
def a_wrong_secret_is_refused():
    code = refused(client(secret="wrong").list_keys, m.ListKeysRequest())
    equal(code, ("SignatureDoesNotMatch", 400))


@check
def an_unknown_access_key_is_refused():
    code = refused(client(access_key_id="LTAI5tNobody").list_keys, m.ListKeysRequest())
    equal(code, ("InvalidAccessKeyId.NotFound", 404))


@check
def temporary_keys_work_with_their_token_only():
    credentials = assume_role()
    keys = (credentials["AccessKeySecret"], credentials["AccessKeyId"])
    client(*keys, token=credentials["SecurityToken"]).list_keys(m.ListKeysRequest())
    code = refused(client(*keys, token="other").list_keys, m.ListKeysRequest())
    equal(code[0], "InvalidSecurityToken.Malformed")


def sts(action, **parameters):
    return common("2015-04-01", action, **parameters)


def assume_role():
    reply = sts("AssumeRole", RoleArn="acs:ram::1234567890123456:role/admin", RoleSessionName="interop")
    return reply["Credentials"]


@check
def the_account_knows_itself():
    equal(sts("GetCallerIdentity")["AccountId"], "1234567890123456")


# The older protocol


@check
def the_service_is_open_already():
    equal(NEW.describe_account_kms_status().body.account_status, "Enabled")
    equal(refused(NEW.open_kms_service)[0], "Forbidden.Opened")


@check
def the_older_sdk_sees_a_key_through_its_life():
    key = old("CreateKey", Description="old: a+b=c *~ (ü)", EnableAutomaticRotation=True, RotationInterval="7d")
    key_id = key["KeyMetadata"]["KeyId"]
    key = old("DescribeKey", KeyId=key_id)["KeyMetadata"]
    equal((key["Description"], key["RotationInterval"]), ("old: a+b=c *~ (ü)", "604800s"))
    old("CreateAlias", AliasName="alias/old", KeyId=key_id)
    equal(old("DescribeKey", KeyId="alias/old")["KeyMetadata"]["KeyId"], key_id)
    old("DeleteAlias", AliasName="alias/old")
    old("DisableKey", KeyId=key_id)
    equal(old("DescribeKey", KeyId=key_id)["KeyMetadata"]["AutomaticRotation"], "Suspended")
    old("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    equal(refused(lambda: old("EnableKey", KeyId=key_id)), ("Rejected.StateModifiedFailed", 409))


@check
def the_older_sdk_sees_a_secret_through_its_life():
    old("CreateSecret", SecretName="old/db", VersionId="v1", SecretData="p@ss word+1&x=~*")
    equal(old("GetSecretValue", SecretName="old/db")["SecretData"], "p@ss word+1&x=~*")
    old("PutSecretValue", SecretName="old/db", VersionId="v2", SecretData="two", VersionStages='["ACSCurrent"]')
    equal(old("GetSecretValue", SecretName="old/db", VersionStage="ACSPrevious")["VersionId"], "v1")
    equal(old("ListSecretVersionIds", SecretName="old/db")["TotalCount"], 2)
    old("DeleteSecret", SecretName="old/db", RecoveryWindowInDays="7")
    again = refused(lambda: old("DeleteSecret", SecretName="old/db"))
    equal(again, ("Rejected.ResourceInDeleteWindow", 409))
    old("RestoreSecret", SecretName="old/db")


@check
def the_older_sdk_encrypts_and_the_newer_decrypts():
    key_id = new_key().key_id
    sealed = old("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=", EncryptionContext='{"a":"b"}')
    request = m.DecryptRequest(ciphertext_blob=sealed["CiphertextBlob"], encryption_context={"a": "b"})
    equal(NEW.decrypt(request).body.plaintext, "aGVsbG8=")


@check
def the_older_sdk_gets_and_deletes_client_keys():
    old("CreateApplicationAccessPoint", Name="old", Policies='["p"]')
    made = old("CreateClientKey", AapName="old", Password="passw0rd!")
    pkcs12.load_key_and_certificates(base64.b64decode(made["PrivateKeyData"]), b"passw0rd!")
    equal(old("GetClientKey", ClientKeyId=made["ClientKeyId"])["AapName"], "old")
    old("DeleteClientKey", ClientKeyId=made["ClientKeyId"])
    old("DeleteApplicationAccessPoint", Name="old")


@check
def the_older_sdk_tags():
    key_id = new_key().key_id
    old("TagResources", ResourceType="key", ResourceIds=[key_id], Tags=[{"Key": "a", "Value": "1"}])
    equal(tags_of("key", key_id), {"a": "1"})


@check
def the_older_sdk_tags_in_the_older_way():
    key_id = new_key().key_id
    old("TagResource", KeyId=key_id, Tags='[{"TagKey":"a","TagValue":"1"},{"TagKey":"b","TagValue":"2"}]')
    old("UntagResource", KeyId=key_id, TagKeys='["a"]')
    equal([tag["TagKey"] for tag in old("ListResourceTags", KeyId=key_id)["Tags"]["Tag"]], ["b"])


# Instances, billing, disks


@check
def an_instance_is_bought_connected_changed_and_given_back():
    instance_id = bought(Spec="1000", KeyNum="200", SecretNum="10", VpcNum="2", ProductVersion="3")
    equal(instance(instance_id).status, "Uninitialized")
    found = connected(instance_id)
    equal((found.key_num, found.secret_num, found.charge_type), (200, "10", "PREPAY"))
    equal((found.zone_ids, found.vswitch_ids), (["cn-hangzhou-j", "cn-hangzhou-k"], ["vsw-1"]))
    assert "BEGIN CERTIFICATE" in found.ca_certificate_chain_pem
    networks = json.dumps([{"VpcId": "v", "VSwitchId": "s", "RegionId": REGION, "VpcOwnerId": 99999999999999999}])
    NEW.update_kms_instance_bind_vpc(
        m.UpdateKmsInstanceBindVpcRequest(kms_instance_id=instance_id, bind_vpcs=networks)
    )
    equal(instance(instance_id).bind_vpcs.bind_vpc[0].vpc_owner_id, "99999999999999999")
    BILLING.modify_instance(
        b.ModifyInstanceRequest(
            client_token="m",
            instance_id=instance_id,
            modify_type="Upgrade",
            product_code="kms",
            product_type="kms_ddi_public_cn",
            subscription_type="Subscription",
            parameter=[b.ModifyInstanceRequestParameter(code="KeyNum", value="300")],
        )
    )
    equal(instance(instance_id).key_num, 300)
    listed = NEW.list_kms_instances(m.ListKmsInstancesRequest(page_size=100)).body
    assert instance_id in [one.kms_instance_id for one in listed.kms_instances.kms_instance]
    release = m.ReleaseKmsInstanceRequest(kms_instance_id=instance_id)
    equal(refused(NEW.release_kms_instance, release), ("Rejected.UnsupportedOperation", 400))
    BILLING.refund_instance(
        b.RefundInstanceRequest(
            client_token="r",
            immediately_release="1",
            instance_id=instance_id,
            product_code="kms",
            product_type="kms_ddi_public_cn",
        )
    )
    equal(refused(instance, instance_id), ("Forbidden.ResourceNotFound", 404))
    equal(order(instance_id), None)


@check
def an_instance_paid_by_use_is_protected_and_released():
    instance_id = bought("kms_ppi_public_cn")
    equal(instance(instance_id).charge_type, "POSTPAY")
    for on in [True, False]:
        NEW.set_deletion_protection(
            m.SetDeletionProtectionRequest(kms_instance_id=instance_id, enable_deletion_protection=on)
        )
        equal(instance(instance_id).deletion_protection, on)
    NEW.release_kms_instance(
        m.ReleaseKmsInstanceRequest(kms_instance_id=instance_id, force_delete_without_backup="true")
    )
    equal(order(instance_id), None)


@check
def a_service_is_bought_and_renewed():
    service = bought(ProductVersion="4", ValueAddedService="2")
    equal((order(service).status, order(service).renew_status), ("Normal", "ManualRenewal"))
    BILLING.set_renewal(
        b.SetRenewalRequest(
            instance_ids=service,
            renewal_status="AutoRenewal",
            renewal_period=1,
            renewal_period_unit="Y",
            product_code="kms",
            product_type="kms_ddi_public_cn",
            subscription_type="Subscription",
        )
    )
    equal((order(service).renew_status, order(service).renewal_duration), ("AutoRenewal", 12))


@check
def what_only_the_other_site_sells_is_not_applicable():
    equal(refused(bought, "kms_ddi_public_intl"), ("NotApplicable", 400))


@check
def a_key_gets_another_version():
    key_id = new_key(key_spec="EC_P256", key_usage="SIGN/VERIFY").key_id
    made = NEW.create_key_version(m.CreateKeyVersionRequest(key_id=key_id)).body.key_version
    request = m.DescribeKeyVersionRequest(key_id=key_id, key_version_id=made.key_version_id)
    equal(NEW.describe_key_version(request).body.key_version.creation_date, made.creation_date)
    again = m.CreateKeyVersionRequest(key_id=key_id)
    equal(refused(NEW.create_key_version, again), ("Rejected.LimitExceeded", 400))
    symmetric = m.CreateKeyVersionRequest(key_id=new_key().key_id)
    equal(refused(NEW.create_key_version, symmetric), ("Rejected.UnsupportedOperation", 400))


@check
def disks_are_encrypted_with_another_key():
    key_id = new_key().key_id
    own = ecs("DescribeDiskDefaultKMSKeyId")["KMSKeyId"]
    ecs("ModifyDiskDefaultKMSKeyId", KMSKeyId=key_id)
    equal(ecs("DescribeDiskDefaultKMSKeyId")["KMSKeyId"], key_id)
    ecs("ResetDiskDefaultKMSKeyId")
    equal(ecs("DescribeDiskDefaultKMSKeyId")["KMSKeyId"], own)
    unknown = refused(lambda: ecs("ModifyDiskDefaultKMSKeyId", KMSKeyId="key-nowhere"))
    equal(unknown, ("InvalidOperation.KMSKeyIdNotFound", 403))


@check
def the_older_sdk_buys_connects_and_gives_back():
    billing, product = "2017-12-14", {"ProductCode": "kms", "ProductType": "kms_ddi_public_cn"}
    made = common(
        billing,
        "CreateInstance",
        SubscriptionType="Subscription",
        Period=1,
        ClientToken="older",
        **product,
        **{"Parameter.1.Code": "Region", "Parameter.1.Value": REGION},
    )
    instance_id = made["Data"]["InstanceId"]
    old_version = "2016-01-20"
    network = {"VpcId": "v", "ZoneIds": "a", "VSwitchIds": "s", "KMProvider": "Aliyun"}
    common(old_version, "ConnectKmsInstance", KmsInstanceId=instance_id, **network)
    found = common(old_version, "GetKmsInstance", KmsInstanceId=instance_id)["KmsInstance"]
    assert found["Status"] in ("Connecting", "Connected")
    common(old_version, "UpdateKmsInstance", KmsInstanceId=instance_id, InstanceName="older")
    listed = common(billing, "QueryAvailableInstances", InstanceIDs=instance_id)
    equal(listed["Data"]["InstanceList"][0]["Status"], "Normal")
    refund = {"InstanceId": instance_id, "ImmediatelyRelease": "1", "ClientToken": "r", **product}
    common(billing, "RefundInstance", **refund)
    code = refused(lambda: common(billing, "RefundInstance", **refund))
    equal(code, ("ResourceNotExists", 400))


@check
def the_older_sdk_sees_regions_and_disks():
    regions = common("2014-05-26", "DescribeRegions")["Regions"]["Region"]
    assert REGION in [region["RegionId"] for region in regions]
    assert common("2014-05-26", "DescribeDiskDefaultKMSKeyId", RegionId=REGION)["KMSKeyId"]


@check
def regions_share_nothing():
    key_id = new_key().key_id
    elsewhere = AcsClient(ID, SECRET, "cn-beijing")
    code = refused(lambda: old("DescribeKey", through=elsewhere, KeyId=key_id))
    equal(code, ("Forbidden.KeyNotFound", 404))


@check
def the_older_sdk_is_refused_with_a_wrong_secret():
    code = refused(lambda: old("ListKeys", through=AcsClient(ID, "wrong", REGION)))
    equal(code, ("SignatureDoesNotMatch", 400))


@check
def the_older_sdk_finds_no_unknown_key():
    equal(refused(lambda: old("DescribeKey", KeyId="key-nowhere")), ("Forbidden.KeyNotFound", 404))


def main(address):
    global ENDPOINT, NEW, OLD, BILLING
    logging.disable(logging.CRITICAL)
    ENDPOINT = urlparse(address)
    NEW, OLD, BILLING = Watched(client()), AcsClient(ID, SECRET, REGION), Watched(BillingClient(configuration()))
    failed = 0
    for run in CHECKS:
        sentence = run.__name__.replace("_", " ")
        try:
            run()
            print(f"ok      {sentence}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {sentence}", flush=True)
            print("        " + traceback.format_exc().strip().replace("\n", "\n        "), flush=True)
    for name, actions in DRIVEN.items():
        print(f"the {name} SDK asked for: {' '.join(sorted(actions))}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
