# The Alibaba Cloud provider: its block, its services, its error codes.

provider "alicloud" {
  about  = "Alibaba Cloud."
  facts  = ["region", "account_id"]
  settle = "10s"

  credentials = [
    "`access_key`, `secret_key` and `security_token`, each of the block or the environment",
    "the `profile` of the block or the environment, by its mode: AK, StsToken, RamRoleArn, EcsRamRole, OIDC, ChainableRamRoleArn, External, CloudSSO, OAuth; or the section of that name in a credentials file",
    "`credentials_uri`",
    "`ecs_role_name`",
    "the role of `assume_role_with_oidc`, or what the environment has for it",
    "the current profile of the shared file, unless `ALIBABA_CLOUD_CLI_PROFILE_DISABLED` is true",
    "the section `default` of the credentials file (`ALIBABA_CLOUD_CREDENTIALS_FILE`, else `~/.alibabacloud/credentials`, `~/.alibabacloud/credentials.ini`, `~/.aliyun/credentials.ini`), by its type: access_key, sts_token, ecs_ram_role, ram_role_arn, oidc_role_arn",
    "the metadata service of the instance, unless `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is true",
  ]

  argument "region" {
    about = "The region of all resources."
    type  = string
    env   = ["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"]
  }

  argument "secret_updates" {
    about   = "What a change of a secret's value, version, type of value, rotation interval or tags does: \"replace\" makes a new secret, \"in_place\" changes the one there is."
    type    = string
    default = "replace"
    one_of  = ["replace", "in_place"]
  }

  # ---- credentials -----------------------------------------------------------

  argument "access_key" {
    about     = "The access key id."
    type      = string
    sensitive = true
    env       = ["ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"]
  }

  argument "secret_key" {
    about     = "The access key secret."
    type      = string
    sensitive = true
    env       = ["ALICLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_ACCESS_KEY_SECRET"]
  }

  argument "security_token" {
    about     = "The token of temporary credentials."
    type      = string
    sensitive = true
    env       = ["ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"]
  }

  argument "ecs_role_name" {
    about = "The role of the ECS instance to ask for credentials."
    type  = string
    env   = ["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"]
  }

  argument "profile" {
    about = "The profile of the shared file."
    type  = string
    env   = ["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"]
  }

  argument "shared_credentials_file" {
    about = "The shared file; ~/.aliyun/config.json when left out."
    type  = string
    env   = ["ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CREDENTIALS_FILE", "ALIBABA_CLOUD_CONFIG_FILE"]
  }

  argument "credentials_uri" {
    about = "An address that gives credentials."
    type  = string
    env   = ["ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"]
  }

  block "assume_role" {
    about   = "A role to assume."
    nesting = "set"
    max     = 1

    argument "role_arn" {
      about    = "The role; empty means none."
      type     = string
      required = true
      env      = ["ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"]
    }

    argument "session_name" {
      about = "The name of the session; terraform when left out."
      type  = string
      env   = ["ALICLOUD_ASSUME_ROLE_SESSION_NAME", "ALIBABA_CLOUD_ROLE_SESSION_NAME"]
    }

    argument "session_expiration" {
      about = "How many seconds the session lasts; 3600 when left out."
      type  = number
      range = [900, 43200]
      env   = ["ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"]
    }

    argument "policy" {
      about = "A policy that narrows the session's permissions."
      type  = string
    }

    argument "external_id" {
      about = "What the role's trust policy asks third parties for."
      type  = string
    }
  }

  block "assume_role_with_oidc" {
    about   = "A role to assume with a token of an identity provider."
    nesting = "set"
    max     = 1

    argument "oidc_provider_arn" {
      about    = "The identity provider."
      type     = string
      required = true
      env      = ["ALIBABA_CLOUD_OIDC_PROVIDER_ARN"]
    }

    argument "role_arn" {
      about    = "The role."
      type     = string
      required = true
      env      = ["ALIBABA_CLOUD_ROLE_ARN"]
    }

    argument "oidc_token_file" {
      about = "A file that holds the token."
      type  = string
      env   = ["ALIBABA_CLOUD_OIDC_TOKEN_FILE"]
    }

    argument "oidc_token" {
      about     = "The token."
      type      = string
      sensitive = true
      length    = [4, 20000]
      env       = ["ALIBABA_CLOUD_OIDC_TOKEN"]
    }

    argument "role_session_name" {
      about = "The name of the session; terraform when left out."
      type  = string
      env   = ["ALIBABA_CLOUD_ROLE_SESSION_NAME"]
    }

    argument "policy" {
      about = "A policy that narrows the session's permissions."
      type  = string
    }

    argument "session_expiration" {
      about = "How many seconds the session lasts."
      type  = number
      range = [900, 43200]
    }
  }

  # ---- accounts and connections ----------------------------------------------

  argument "account_id" {
    about = "The number of the account."
    type  = string
    env   = ["ALICLOUD_ACCOUNT_ID", "ALIBABA_CLOUD_ACCOUNT_ID"]
  }

  argument "account_type" {
    about   = "Which site the account belongs to, Domestic or International: where instances are bought. Found out when left out."
    type    = string
    pattern = "^(?i:domestic|international)$"
    env     = ["ALIBABA_CLOUD_ACCOUNT_TYPE"]
  }

  argument "skip_region_validation" {
    about = "Accept regions that are not in the list."
    type  = bool
    env   = ["ALICLOUD_SKIP_REGION_VALIDATION"]
  }

  argument "protocol" {
    about   = "How to connect to endpoints that do not say: HTTPS, or HTTP on this machine."
    type    = string
    default = "HTTPS"
    pattern = "^(?i:https?)$"
  }

  argument "custom_ca_bundle" {
    about = "A file of further certificate authorities: that of a KMS instance, whose own endpoint is called."
    type  = string
  }

  argument "client_read_timeout" {
    about = "Milliseconds to wait for an answer."
    type  = number
    range = [1, 86400000]
    env   = ["CLIENT_READ_TIMEOUT"]
  }

  argument "client_connect_timeout" {
    about = "Milliseconds to wait for a connection."
    type  = number
    range = [1, 86400000]
    env   = ["CLIENT_CONNECT_TIMEOUT"]
  }

  argument "max_retry_timeout" {
    about = "Seconds for which a call is tried again; 0 leaves it to the operation."
    type  = number
    range = [0, 86400]
    env   = ["MAX_RETRY_TIMEOUT"]
  }

  argument "source_ip" {
    about = "The address to send as that of the caller."
    type  = string
    env   = ["ALICLOUD_SOURCE_IP", "ALIBABA_CLOUD_SOURCE_IP"]
  }

  argument "secure_transport" {
    about = "Whether to say that the transport is secure."
    type  = string
    env   = ["ALICLOUD_SECURE_TRANSPORT", "ALIBABA_CLOUD_SECURE_TRANSPORT"]
  }

  argument "security_transport" {
    about      = "The older name of secure_transport."
    type       = string
    deprecated = "Use secure_transport instead."
    env        = ["ALICLOUD_SECURITY_TRANSPORT", "ALIBABA_CLOUD_SECURITY_TRANSPORT"]
  }

  argument "configuration_source" {
    about  = "What to add to the user agent of every call."
    type   = string
    length = [0, 1024]
    env    = ["TF_APPEND_USER_AGENT"]
  }

  block "endpoints" {
    about   = "Other hosts of services: name and port, without scheme. What endpoints.xml in the working folder, or the file that TF_ENDPOINT_PATH names, has for the region comes before."
    nesting = "set"

    argument "kms" {
      about = "The host of KMS: that of a private network, kms-vpc.cn-hangzhou.aliyuncs.com, or of an instance, kst-hzz1.cryptoservice.kms.aliyuncs.com."
      type  = string
      env   = ["ALIBABA_CLOUD_ENDPOINT_KMS", "KMS_ENDPOINT"]
    }

    argument "sts" {
      about = "The host of STS. Without it ALIBABA_CLOUD_STS_REGION names another region to ask there, and ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED=true its private network."
      type  = string
      env   = ["ALIBABA_CLOUD_ENDPOINT_STS", "STS_ENDPOINT"]
    }

    argument "bssopenapi" {
      about = "The host of billing."
      type  = string
      env   = ["ALIBABA_CLOUD_ENDPOINT_BSSOPENAPI", "BSSOPENAPI_ENDPOINT"]
    }

    argument "ecs" {
      about = "The host of ECS."
      type  = string
      env   = ["ALIBABA_CLOUD_ENDPOINT_ECS", "ECS_ENDPOINT"]
    }

    # Accepted so that configurations written for other services load: nothing here calls them.
    accepts = [
      "acr", "actiontrail", "adb", "alb", "alidfs", "alidns", "alikafka", "apigateway", "arms", "bastionhost", "beebot", "bpstudio",
      "brain_industrial", "cas", "cassandra", "cbn", "cbs", "cddc", "cdn", "cds", "clickhouse", "cloudauth", "cloudfirewall",
      "cloudfw", "cloudphone", "cloudsso", "cms", "computenest", "config", "cr", "cs", "das", "datahub", "dataworkspublic", "dbfs",
      "dcdn", "ddosbasic", "ddosbgp", "ddoscoo", "dds", "devopsrdc", "dg", "dm", "dms_enterprise", "dmsenterprise", "dns", "drds",
      "dts", "dysms", "eais", "ebs", "eci", "edas", "edasschedulerx", "edsuser", "eflo", "ehpc", "ehs", "eipanycast", "elasticsearch",
      "emr", "ens", "ess", "eventbridge", "fc", "fnf", "ga", "gaplus", "gds", "gpdb", "gwsecd", "hbr", "hcs_sgw", "hitsdb", "imm",
      "imp", "ims", "iot", "kvstore", "location", "log", "market", "maxcompute", "mhub", "mns", "mscopensubscription", "mse", "nas",
      "nlb", "oceanbase", "ons", "onsproxy", "oos", "opensearch", "oss", "ots", "polardb", "privatelink", "pvtz", "quickbi", "quotas",
      "r_kvstore", "ram", "rds", "redisa", "resourcemanager", "resourcesharing", "ros", "sas", "scdn", "sddp", "serverless",
      "servicemesh", "sgw", "slb", "smartag", "srvcatalog", "swas", "tag", "vod", "vpc", "vpcpeer", "vs", "waf", "waf_openapi",
    ]
  }

  # Accepted so that configurations written for other services load.
  block "sign_version" {
    about   = "Has no effect: the services that it is for are not called."
    nesting = "set"
    max     = 1

    argument "oss" {
      about = "Has no effect: nothing here calls OSS."
      type  = string
    }

    argument "sls" {
      about = "Has no effect: nothing here calls SLS."
      type  = string
    }
  }

  # ---- services --------------------------------------------------------------

  service "kms" {
    protocol = "alicloud_rpc"
    version  = "2016-01-20"
    endpoint = "https://kms.${region}.aliyuncs.com/"

    quota {
      per_second = 50
      shared     = true
      actions    = ["DescribeKey", "ListKeys", "DescribeKeyVersion", "ListKeyVersions", "GetPublicKey", "ListAliases", "ListAliasesByKeyId", "ListTagResources", "GetParametersForImport", "DescribeRegions"]
    }
    quota {
      per_second = 300
      actions    = ["ListResourceTags"]
    }
    quota {
      per_second = 10
      actions    = ["CreateKey"]
    }
    quota {
      per_second = 30
      shared     = true
      actions    = ["EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "UpdateKeyDescription", "UpdateRotationPolicy", "SetDeletionProtection", "ImportKeyMaterial", "DeleteKeyMaterial", "CreateAlias", "UpdateAlias", "DeleteAlias", "TagResource", "UntagResource", "TagResources", "UntagResources"]
    }
    quota {
      per_second = 750
      shared     = true
      actions    = ["Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]
    }
    quota {
      per_second = 10
      shared     = true
      actions    = ["CreateSecret", "DeleteSecret"]
    }
    quota {
      per_second = 450
      shared     = true
      actions    = ["DescribeSecret", "GetSecretValue"]
    }
    quota {
      per_second = 40
      shared     = true
      actions    = ["ListSecrets", "ListSecretVersionIds", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "UpdateSecretRotationPolicy", "RestoreSecret", "GetRandomPassword"]
    }
    quota {
      per_second = 50
      shared     = true
      actions    = ["GetKmsInstance", "ListKmsInstances"]
    }
    quota {
      per_second = 10
      shared     = true
      actions    = ["ConnectKmsInstance", "UpdateKmsInstance", "UpdateKmsInstanceBindVpc", "ReleaseKmsInstance"]
    }
    quota {
      per_second = 1
      shared     = true
      actions = [
        "CreateApplicationAccessPoint", "DescribeApplicationAccessPoint", "UpdateApplicationAccessPoint", "DeleteApplicationAccessPoint", "ListApplicationAccessPoints",
        "CreateClientKey", "GetClientKey", "DeleteClientKey", "ListClientKeys",
        "CreatePolicy", "DescribePolicy", "UpdatePolicy", "DeletePolicy", "ListPolicies",
        "CreateNetworkRule", "DescribeNetworkRule", "UpdateNetworkRule", "DeleteNetworkRule", "ListNetworkRules",
        "OpenKmsService", "DescribeAccountKmsStatus",
      ]
    }
  }

  service "sts" {
    protocol = "alicloud_rpc"
    version  = "2015-04-01"
    endpoint = "https://sts.${region}.aliyuncs.com/"

    # Everybody may ask who they are.
    permission "GetCallerIdentity" { needs = [] }
  }

  service "ecs" {
    protocol = "alicloud_rpc"
    version  = "2014-05-26"
    endpoint = "https://ecs.${region}.aliyuncs.com/"
  }

  # Billing knows no regions, but two sites: the international one has another host.
  service "bssopenapi" {
    protocol    = "alicloud_rpc"
    version     = "2017-12-14"
    endpoint    = "https://business.aliyuncs.com/"
    permissions = "bssapi"
  }

  # Only codes count, never a status of 404: an unknown access key is a 404 too, and no reason to forget a key.
  errors {
    gone      = ["Forbidden.KeyNotFound", "Forbidden.AliasNotFound", "Forbidden.ResourceNotFound", "InvalidResourceId.NotFound"]
    throttled = ["Throttling", "Throttling.User", "Throttling.Api", "Rejected.Throttling", "Rejected.LimitExceeded.Throttling"]
    transient = ["ServiceUnavailable", "ServiceUnavailableTemporary", "InternalFailure", "InternalError", "UnknownError"]
    denied    = ["Forbidden.NoPermission", "Forbidden.RAM", "Forbidden.AccessKey", "NoPermission", "InvalidAccessKeyId", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "InvalidSecurityToken.Expired", "InvalidSecurityToken.Malformed", "InvalidSecurityToken.MismatchWithAccessKey", "SignatureDoesNotMatch", "IncompleteSignature", "MissingAccessKeyId"]
  }

  wait {
    every = "3s"
    limit = "5m"
  }
}
