"""Every action that the program calls, through the newer and the older official SDK alike.

Usage: alicloud_actions.py http://127.0.0.1:PORT

Runs the checks of alicloud_sandbox.py, too: together they leave no action to one SDK alone. The other services have packages of
their own here: billing, ECS and STS.
"""

import json
import sys
import time

import alicloud_sandbox as sdk
from alibabacloud_ecs20140526 import models as e
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_kms20160120 import models as m
from alibabacloud_sts20150401 import models as s
from alibabacloud_sts20150401.client import Client as StsClient
from alicloud_sandbox import REGION, check, described, equal, old, refused, tags_of
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient

BILLING = "aliyunsdkbssopenapi.request.v20171214"
ECS = "aliyunsdkecs.request.v20140526"
STS = "aliyunsdksts.request.v20150401"
ROLE = "acs:ram::1234567890123456:role/admin"
POLICY = '{"Version":"1","Statement":[{"Effect":"Allow"}]}'
RULES = '{"NetworkRules":["n"]}'
PERMISSIONS = '["RbacPermission/Template/CryptoServiceKeyUser"]'


def old_key(**parameters):
    return old("CreateKey", **parameters)["KeyMetadata"]["KeyId"]


# What only the older SDK was asked for


@check
def the_newer_sdk_finds_the_service_open():
    equal(refused(sdk.NEW.open_kms_service), ("Forbidden.Opened", 400))
    regions = sdk.NEW.describe_regions().body.regions.region
    assert REGION in [region.region_id for region in regions]
    equal(sdk.NEW.describe_account_kms_status().body.account_status, "Enabled")


@check
def the_newer_sdk_changes_policies_and_network_rules():
    new = sdk.NEW
    rule = {"name": "newer", "type": "Private", "source_private_ip": '["10.0.0.0/8"]'}
    new.create_network_rule(m.CreateNetworkRuleRequest(**rule))
    new.update_network_rule(
        m.UpdateNetworkRuleRequest(name="newer", source_private_ip='["10.1.0.0/16"]', description="d")
    )
    found = new.describe_network_rule(m.DescribeNetworkRuleRequest(name="newer")).body
    equal((json.loads(found.source_private_ip), found.description), (["10.1.0.0/16"], "d"))
    policy = {"name": "newer", "permissions": PERMISSIONS, "resources": '["key/*"]', "access_control_rules": RULES}
    new.create_policy(m.CreatePolicyRequest(kms_instance="shared", **policy))
    new.update_policy(m.UpdatePolicyRequest(**{**policy, "resources": '["secret/*"]'}))
    equal(new.describe_policy(m.DescribePolicyRequest(name="newer")).body.resources, ["secret/*"])
    listed = new.list_policies(m.ListPoliciesRequest()).body.policies.policy
    assert "newer" in [one.name for one in listed]
    listed = new.list_network_rules(m.ListNetworkRulesRequest()).body.network_rules.network_rule
    assert "newer" in [one.name for one in listed]
    new.delete_policy(m.DeletePolicyRequest(name="newer"))
    new.delete_network_rule(m.DeleteNetworkRuleRequest(name="newer"))


@check
def the_newer_sdk_names_an_instance():
    instance_id = sdk.bought(ProductVersion="3")
    sdk.generic("2016-01-20", "UpdateKmsInstance", KmsInstanceId=instance_id, InstanceName="mine")
    equal(sdk.instance(instance_id).instance_name, "mine")


@check
def the_newer_sdk_assumes_a_role_and_knows_itself():
    client = sdk.Watched(StsClient(sdk.configuration()))
    equal(client.get_caller_identity().body.account_id, "1234567890123456")
    request = s.AssumeRoleRequest(role_arn=ROLE, role_session_name="newer", duration_seconds=900)
    keys = client.assume_role(request).body.credentials
    assumed = StsClient(sdk.configuration(keys.access_key_secret, keys.access_key_id, keys.security_token))
    equal(assumed.get_caller_identity().body.identity_type, "AssumedRoleUser")
    token = s.AssumeRoleWithOIDCRequest(
        role_arn=ROLE,
        role_session_name="newer",
        oidcprovider_arn="acs:ram::1234567890123456:oidc-provider/ci",
        oidctoken="made-up",
    )
    assert client.assume_role_with_oidc(token).body.credentials.security_token
    token.oidcprovider_arn = "acs:ram::1:oidc-provider/ci"
    equal(refused(client.assume_role_with_oidc, token), ("EntityNotExist.OIDCProvider", 404))


@check
def the_newer_sdk_of_ecs_chooses_the_key_of_disks():
    client = sdk.Watched(EcsClient(sdk.configuration()))
    key_id = sdk.new_key().key_id
    asked = e.DescribeDiskDefaultKMSKeyIdRequest(region_id=REGION)
    own = client.describe_disk_default_kmskey_id(asked).body.kmskey_id
    client.modify_disk_default_kmskey_id(e.ModifyDiskDefaultKMSKeyIdRequest(region_id=REGION, kmskey_id=key_id))
    equal(client.describe_disk_default_kmskey_id(asked).body.kmskey_id, key_id)
    client.reset_disk_default_kmskey_id(e.ResetDiskDefaultKMSKeyIdRequest(region_id=REGION))
    equal(client.describe_disk_default_kmskey_id(asked).body.kmskey_id, own)
    regions = client.describe_regions(e.DescribeRegionsRequest()).body.regions.region
    assert REGION in [region.region_id for region in regions]


# What only the newer SDK was asked for


@check
def the_older_sdk_changes_a_key():
    key_id = old_key()
    old("UpdateKeyDescription", KeyId=key_id, Description="d")
    old("UpdateRotationPolicy", KeyId=key_id, EnableAutomaticRotation=True, RotationInterval="8d")
    key = described(key_id)
    equal((key.description, key.rotation_interval), ("d", "691200s"))
    old("SetDeletionProtection", ProtectedResourceArn=key.arn, EnableDeletionProtection=True)
    schedule = refused(lambda: old("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7))
    equal(schedule[1], 409)
    old("SetDeletionProtection", ProtectedResourceArn=key.arn, EnableDeletionProtection=False)
    old("SetKeyPolicy", KeyId=key_id, PolicyName="default", Policy=POLICY)
    equal(old("GetKeyPolicy", KeyId=key_id, PolicyName="default")["Policy"], POLICY)
    bad = refused(lambda: old("UpdateRotationPolicy", KeyId=key_id, EnableAutomaticRotation=True, RotationInterval="1d"))
    equal(bad, ("InvalidParameter", 400))
    keys = old("ListKeys", PageSize=100)
    assert key_id in [one["KeyId"] for one in keys["Keys"]["Key"]]


@check
def the_older_sdk_calls_a_key_back():
    key_id = old_key(Description="called back")
    old("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    equal(old("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"], "PendingDeletion")
    old("CancelKeyDeletion", KeyId=key_id)
    equal(old("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"], "Enabled")


@check
def the_older_sdk_gives_a_key_another_version():
    key_id = old_key(KeySpec="EC_P256")
    made = old("CreateKeyVersion", KeyId=key_id)["KeyVersion"]["KeyVersionId"]
    equal(old("DescribeKeyVersion", KeyId=key_id, KeyVersionId=made)["KeyVersion"]["KeyVersionId"], made)
    listed = old("ListKeyVersions", KeyId=key_id)
    assert made in [one["KeyVersionId"] for one in listed["KeyVersions"]["KeyVersion"]]
    equal(listed["TotalCount"], 2)


@check
def the_older_sdk_moves_an_alias_and_lists_page_by_page():
    one, two = old_key(), old_key()
    for number in range(3):
        old("CreateAlias", AliasName=f"alias/older-{number}", KeyId=one)
    old("UpdateAlias", AliasName="alias/older-0", KeyId=two)
    found, number = {}, 1
    while True:
        page = old("ListAliases", PageNumber=number, PageSize=2)
        rows = page["Aliases"]["Alias"]
        found.update({row["AliasName"]: row["KeyId"] for row in rows})
        if len(rows) < 2:
            break
        number += 1
    equal(len(found), page["TotalCount"])
    equal((found["alias/older-0"], found["alias/older-1"]), (two, one))
    own = old("ListAliasesByKeyId", KeyId=one)["Aliases"]["Alias"]
    equal(sorted(row["AliasName"] for row in own), ["alias/older-1", "alias/older-2"])
    for number in range(3):
        old("DeleteAlias", AliasName=f"alias/older-{number}")


@check
def the_older_sdk_decrypts():
    key_id = old_key()
    sealed = old("Encrypt", KeyId=key_id, Plaintext="aGVsbG8=")["CiphertextBlob"]
    equal(old("Decrypt", CiphertextBlob=sealed)["Plaintext"], "aGVsbG8=")


@check
def the_older_sdk_takes_tags_away():
    key_id = old_key()
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    old("TagResources", ResourceType="key", ResourceIds=[key_id], Tags=tags)
    old("UntagResources", ResourceType="key", ResourceIds=[key_id], TagKeys=["a"])
    rows = old("ListTagResources", ResourceType="key", ResourceIds=[key_id])["TagResources"]["TagResource"]
    equal([(row["TagKey"], row["TagValue"]) for row in rows], [("b", "2")])
    equal(tags_of("key", key_id), {"b": "2"})


@check
def the_older_sdk_changes_a_secret():
    name = "older/changed"
    config = json.dumps({"SecretSubType": "Password", "InstanceId": "i-1", "RegionId": REGION, "CommandId": "c"})
    data = json.dumps({"UserName": "u", "Password": "p"})
    made = {"SecretName": f"acs/ecs/{name}", "VersionId": "v1", "SecretData": data}
    old("CreateSecret", SecretType="ECS", ExtendedConfig=config, **made)
    managed = made["SecretName"]
    old("UpdateSecret", SecretName=managed, Description="d", ExtendedConfigCustomData='{"a":"b"}')
    old("UpdateSecretRotationPolicy", SecretName=managed, EnableAutomaticRotation=True, RotationInterval="12h")
    found = old("DescribeSecret", SecretName=managed)
    equal((found["Description"], found["RotationInterval"]), ("d", "43200s"))
    equal(json.loads(found["ExtendedConfig"])["CustomData"], {"a": "b"})
    old("CreateSecret", SecretName=name, VersionId="v1", SecretData="one")
    old("PutSecretValue", SecretName=name, VersionId="v2", SecretData="two")
    old("UpdateSecretVersionStage", SecretName=name, VersionStage="ACSCurrent", MoveToVersion="v1")
    equal(old("GetSecretValue", SecretName=name)["SecretData"], "one")
    old("SetSecretPolicy", SecretName=name, PolicyName="default", Policy=POLICY)
    equal(old("GetSecretPolicy", SecretName=name, PolicyName="default")["Policy"], POLICY)
    filters = json.dumps([{"Key": "SecretName", "Values": ["older/"]}])
    listed = old("ListSecrets", Filters=filters, PageSize=100)["SecretList"]["Secret"]
    assert name in [one["SecretName"] for one in listed]


@check
def the_older_sdk_changes_access_points_policies_and_network_rules():
    old("CreateNetworkRule", Name="older", Type="Private", SourcePrivateIp='["10.0.0.0/8"]')
    old("UpdateNetworkRule", Name="older", SourcePrivateIp='["10.1.0.0/16"]', Description="d")
    equal(json.loads(old("DescribeNetworkRule", Name="older")["SourcePrivateIp"]), ["10.1.0.0/16"])
    policy = {"Permissions": PERMISSIONS, "Resources": '["key/*"]', "AccessControlRules": RULES}
    old("CreatePolicy", Name="older", KmsInstance="shared", **policy)
    old("UpdatePolicy", Name="older", **{**policy, "Resources": '["secret/*"]'})
    equal(old("DescribePolicy", Name="older")["Resources"], ["secret/*"])
    old("CreateApplicationAccessPoint", Name="older", Policies='["older"]')
    old("UpdateApplicationAccessPoint", Name="older", Policies='["older","more"]', Description="d")
    point = old("DescribeApplicationAccessPoint", Name="older")
    equal((json.loads(point["Policies"]), point["Description"]), (["older", "more"], "d"))
    made = old("CreateClientKey", AapName="older", Password="password-1")["ClientKeyId"]
    equal([one["ClientKeyId"] for one in old("ListClientKeys", AapName="older")["ClientKeys"]], [made])
    old("DeleteClientKey", ClientKeyId=made)
    equal(old("ListClientKeys", AapName="older")["ClientKeys"], [])
    for kind in ["ApplicationAccessPoint", "Policy", "NetworkRule"]:
        old(f"Delete{kind}", Name="older")
        gone = refused(lambda: old(f"Describe{kind}", Name="older"))
        equal(gone, ("Forbidden.ResourceNotFound", 404))


@check
def the_older_sdk_buys_enlarges_renews_and_releases():
    product = {"ProductCode": "kms", "ProductType": "kms_ddi_public_cn"}
    parameters = [{"Code": code, "Value": value} for code, value in {"Region": REGION, "VpcNum": "2"}.items()]
    bought = old(
        "CreateInstance",
        package=BILLING,
        SubscriptionType="Subscription",
        ClientToken=f"older-{time.monotonic_ns()}",
        Parameters=parameters,
        **product,
    )
    instance_id = bought["Data"]["InstanceId"]
    network = {"VpcId": "v", "ZoneIds": "a", "VSwitchIds": "s", "KMProvider": "Aliyun"}
    old("ConnectKmsInstance", KmsInstanceId=instance_id, **network)
    for _ in range(50):
        if old("GetKmsInstance", KmsInstanceId=instance_id)["KmsInstance"]["Status"] == "Connected":
            break
        time.sleep(0.1)
    larger = {"ModifyType": "Upgrade", "SubscriptionType": "Subscription", "ClientToken": "larger", **product}
    parameters = [{"Code": "KeyNum", "Value": "300"}]
    old("ModifyInstance", package=BILLING, InstanceId=instance_id, Parameters=parameters, **larger)
    networks = json.dumps([{"VpcId": "w", "VSwitchId": "t", "RegionId": REGION, "VpcOwnerId": 1}])
    old("UpdateKmsInstanceBindVpc", KmsInstanceId=instance_id, BindVpcs=networks)
    found = old("GetKmsInstance", KmsInstanceId=instance_id)["KmsInstance"]
    equal((found["KeyNum"], found["BindVpcs"]["BindVpc"][0]["VpcId"]), (300, "w"))
    listed = old("ListKmsInstances", PageSize=100)["KmsInstances"]["KmsInstance"]
    assert instance_id in [one["KmsInstanceId"] for one in listed]
    renewal = {"RenewalStatus": "AutoRenewal", "RenewalPeriod": 2, "RenewalPeriodUnit": "M"}
    kind = {"SubscriptionType": "Subscription", **product}
    old("SetRenewal", package=BILLING, InstanceIDs=instance_id, **renewal, **kind)
    order = old("QueryAvailableInstances", package=BILLING, InstanceIDs=instance_id)["Data"]["InstanceList"][0]
    equal((order["RenewStatus"], order["RenewalDuration"]), ("AutoRenewal", 2))
    by_use = sdk.bought("kms_ppi_public_cn")
    sdk.common("2016-01-20", "ReleaseKmsInstance", KmsInstanceId=by_use)
    gone = refused(lambda: old("GetKmsInstance", KmsInstanceId=by_use))
    equal(gone, ("Forbidden.ResourceNotFound", 404))


@check
def the_older_sdk_of_ecs_chooses_the_key_of_disks():
    key_id = old_key()
    own = old("DescribeDiskDefaultKMSKeyId", package=ECS)["KMSKeyId"]
    old("ModifyDiskDefaultKMSKeyId", package=ECS, KMSKeyId=key_id)
    equal(old("DescribeDiskDefaultKMSKeyId", package=ECS)["KMSKeyId"], key_id)
    old("ResetDiskDefaultKMSKeyId", package=ECS)
    equal(old("DescribeDiskDefaultKMSKeyId", package=ECS)["KMSKeyId"], own)


@check
def the_older_sdk_assumes_a_role_and_knows_itself():
    equal(old("GetCallerIdentity", package=STS)["IdentityType"], "Account")
    keys = old("AssumeRole", package=STS, RoleArn=ROLE, RoleSessionName="older")["Credentials"]
    assumed = StsTokenCredential(keys["AccessKeyId"], keys["AccessKeySecret"], keys["SecurityToken"])
    through = AcsClient(region_id=REGION, credential=assumed)
    equal(old("GetCallerIdentity", through=through, package=STS)["IdentityType"], "AssumedRoleUser")
    equal(refused(lambda: old("OpenKmsService")), ("Forbidden.Opened", 400))


if __name__ == "__main__":
    sdk.main(sys.argv[1])
