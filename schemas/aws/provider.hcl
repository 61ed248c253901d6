# The AWS provider: its block, its services, its error codes, and what every aws_* type has.

provider "aws" {
  about = "Amazon Web Services."
  facts = ["region", "account_id", "partition", "dns_suffix"]

  credentials = [
    "`access_key`, `secret_key` and `token` of the block",
    "the role of `assume_role_with_web_identity`",
    "the `profile` of the block",
    "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`",
    "the profile of `AWS_PROFILE`, or the one called default: keys, a role with its source, single sign-on, `credential_process`",
    "`AWS_ROLE_ARN` with `AWS_WEB_IDENTITY_TOKEN_FILE`",
    "the container (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CONTAINER_CREDENTIALS_FULL_URI`)",
    "the metadata service of the instance, which then tells the region too where nobody names one",
  ]

  settle = "3m" # reads are answered by different hosts, and a new object is not known to all of them at once

  argument "region" {
    about = "The region of all resources that name none."
    type  = string
    env   = ["AWS_REGION", "AWS_DEFAULT_REGION"]
  }

  # ---- credentials -----------------------------------------------------------

  argument "access_key" {
    about     = "The access key. Any of access_key, secret_key and token rules out all other sources."
    type      = string
    sensitive = true
  }

  argument "secret_key" {
    about     = "The secret key."
    type      = string
    sensitive = true
  }

  argument "token" {
    about     = "The session token of temporary credentials."
    type      = string
    sensitive = true
  }

  argument "profile" {
    about = "The profile of the shared files."
    type  = string
    env   = ["AWS_PROFILE"]
  }

  argument "shared_config_files" {
    about = "Paths of shared configuration files."
    type  = list(string)
    env   = ["AWS_CONFIG_FILE"]
  }

  argument "shared_credentials_files" {
    about = "Paths of shared credentials files."
    type  = list(string)
    env   = ["AWS_SHARED_CREDENTIALS_FILE"]
  }

  block "assume_role" {
    about   = "Roles to assume, one after the other."
    nesting = "list"

    argument "role_arn" {
      about    = "The role."
      type     = string
      expected = true
    }

    argument "duration" {
      about = "How long the session lasts, from 15m to 12h."
      type  = string
    }

    argument "external_id" {
      about  = "What the role's trust policy asks third parties for."
      type   = string
      length = [2, 1224]
    }

    argument "policy" {
      about  = "A policy that narrows the session's permissions."
      type   = string
      format = "json"
    }

    argument "policy_arns" {
      about = "Managed policies that narrow the session's permissions."
      type  = set(string)
    }

    argument "session_name" {
      about  = "The name of the session."
      type   = string
      length = [2, 64]
    }

    argument "source_identity" {
      about  = "Who is acting, for the logs."
      type   = string
      length = [2, 64]
    }

    argument "tags" {
      about = "Tags of the session."
      type  = map(string)
    }

    argument "transitive_tag_keys" {
      about = "Keys of tags that pass on to further roles."
      type  = set(string)
    }
  }

  block "assume_role_with_web_identity" {
    about   = "A role to assume with a token of an identity provider."
    nesting = "list"
    max     = 1

    argument "role_arn" {
      about = "The role."
      type  = string
      env   = ["AWS_ROLE_ARN"]
    }

    argument "duration" {
      about = "How long the session lasts, from 15m to 12h."
      type  = string
    }

    argument "policy" {
      about  = "A policy that narrows the session's permissions."
      type   = string
      format = "json"
    }

    argument "policy_arns" {
      about = "Managed policies that narrow the session's permissions."
      type  = set(string)
    }

    argument "session_name" {
      about = "The name of the session."
      type  = string
      env   = ["AWS_ROLE_SESSION_NAME"]
    }

    argument "web_identity_token" {
      about     = "The token."
      type      = string
      sensitive = true
      length    = [4, 20000]
      env       = ["TF_AWS_WEB_IDENTITY_TOKEN"]
    }

    argument "web_identity_token_file" {
      about = "A file that holds the token."
      type  = string
      env   = ["AWS_WEB_IDENTITY_TOKEN_FILE"]
    }
  }

  # ---- what may be touched ---------------------------------------------------

  argument "allowed_account_ids" {
    about     = "The only accounts in which anything may be done."
    type      = set(string)
    conflicts = ["forbidden_account_ids"]
  }

  argument "forbidden_account_ids" {
    about     = "Accounts in which nothing may be done."
    type      = set(string)
    conflicts = ["allowed_account_ids"]
  }

  block "default_tags" {
    about   = "Tags of every resource that can have tags; its own tags win."
    nesting = "single"

    argument "tags" {
      about = "The tags. Each variable of the environment whose name begins so adds one, by the rest of its name."
      type  = map(string)
      env   = ["TF_AWS_DEFAULT_TAGS_*"]
    }
  }

  block "ignore_tags" {
    about   = "Tags that somebody else manages."
    nesting = "single"

    argument "keys" {
      about = "Their keys. The environment adds to them, with commas between keys."
      type  = set(string)
      env   = ["TF_AWS_IGNORE_TAGS_KEYS"]
    }

    argument "key_prefixes" {
      about = "Beginnings of their keys. The environment adds to them, with commas between them."
      type  = set(string)
      env   = ["TF_AWS_IGNORE_TAGS_KEY_PREFIXES"]
    }
  }

  # ---- connections -----------------------------------------------------------

  block "endpoints" {
    about   = "Other base addresses of services."
    nesting = "set"

    argument "kms" {
      about = "The address of KMS."
      type  = string
      env   = ["AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL"]
    }

    argument "sts" {
      about = "The address of STS."
      type  = string
      env   = ["AWS_ENDPOINT_URL_STS", "TF_AWS_STS_ENDPOINT", "AWS_STS_ENDPOINT", "AWS_ENDPOINT_URL"]
    }

    argument "iam" {
      about = "The address of IAM."
      type  = string
      env   = ["AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL"]
    }

    argument "sso" {
      about = "The address of the portal of IAM Identity Center, which gives the credentials of single sign-on."
      type  = string
      env   = ["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL"]
    }

    # Accepted so that configurations written for other services load: nothing here calls them.
    accepts = [
      "accessanalyzer", "account", "accountaccess", "acm", "acmpca", "agentregistry", "amg", "amp", "amplify", "apigateway",
      "apigatewayv2", "appautoscaling", "appconfig", "appfabric", "appflow", "appintegrations", "appintegrationsservice",
      "applicationautoscaling", "applicationinsights", "applicationsignals", "appmesh", "appregistry", "apprunner", "appstream",
      "appsync", "arcregionswitch", "arczonalshift", "athena", "auditmanager", "autoscaling", "autoscalingplans", "backup", "batch",
      "bcmdataexports", "beanstalk", "bedrock", "bedrockagent", "bedrockagentcore", "bedrockruntime", "billing", "budgets", "ce",
      "chatbot", "chime", "chimesdkmediapipelines", "chimesdkvoice", "cleanrooms", "cloud9", "cloudcontrol", "cloudcontrolapi",
      "cloudformation", "cloudfront", "cloudfrontkeyvaluestore", "cloudhsm", "cloudhsmv2", "cloudsearch", "cloudtrail", "cloudwatch",
      "cloudwatchevents", "cloudwatchevidently", "cloudwatchlog", "cloudwatchlogs", "cloudwatchobservabilityaccessmanager",
      "cloudwatchrum", "codeartifact", "codebuild", "codecatalyst", "codecommit", "codeconnections", "codedeploy", "codeguruprofiler",
      "codegurureviewer", "codepipeline", "codestarconnections", "codestarnotifications", "cognitoidentity",
      "cognitoidentityprovider", "cognitoidp", "comprehend", "computeoptimizer", "config", "configservice", "connect", "connectcases",
      "controltower", "costandusagereportservice", "costexplorer", "costoptimizationhub", "cur", "customerprofiles",
      "databasemigration", "databasemigrationservice", "databrew", "dataexchange", "datapipeline", "datasync", "datazone", "dax",
      "deploy", "detective", "devicefarm", "devopsagent", "devopsguru", "directconnect", "directoryservice", "directoryservicedata",
      "dlm", "dms", "docdb", "docdbelastic", "drs", "ds", "dsql", "dynamodb", "ec2", "ecr", "ecrpublic", "ecs", "efs", "eks",
      "elasticache", "elasticbeanstalk", "elasticloadbalancing", "elasticloadbalancingv2", "elasticsearch", "elasticsearchservice",
      "elastictranscoder", "elb", "elbv2", "emr", "emrcontainers", "emrserverless", "es", "eventbridge", "eventbridgev2", "events",
      "evidently", "evs", "finspace", "firehose", "fis", "fms", "fsx", "gamelift", "glacier", "globalaccelerator", "glue",
      "gluedatabrew", "grafana", "greengrass", "groundstation", "guardduty", "healthlake", "identitystore", "imagebuilder",
      "inspector", "inspector2", "inspectorv2", "interconnect", "internetmonitor", "invoicing", "iot", "ivs", "ivschat", "kafka",
      "kafkaconnect", "kendra", "keyspaces", "kinesis", "kinesisanalytics", "kinesisanalyticsv2", "kinesisvideo", "lakeformation",
      "lambda", "lambdacore", "lambdamicrovms", "launchwizard", "lex", "lexmodelbuilding", "lexmodelbuildingservice", "lexmodels",
      "lexmodelsv2", "lexv2models", "licensemanager", "lightsail", "location", "locationservice", "logs", "m2", "macie2",
      "mailmanager", "managedgrafana", "mediaconnect", "mediaconvert", "medialive", "mediapackage", "mediapackagev2",
      "mediapackagevod", "mediastore", "memorydb", "mgn", "mpa", "mq", "msk", "mwaa", "mwaaserverless", "neptune", "neptunegraph",
      "networkfirewall", "networkflowmonitor", "networkmanager", "networkmonitor", "networksecuritymanager", "notifications",
      "notificationscontacts", "oam", "observabilityadmin", "odb", "opensearch", "opensearchingestion", "opensearchserverless",
      "opensearchservice", "opsworks", "organizations", "osis", "outposts", "paymentcryptography", "pcaconnectorad", "pcs",
      "pinpoint", "pinpointsmsvoicev2", "pipes", "polly", "pricing", "prometheus", "prometheusservice", "qbusiness", "qldb",
      "quicksight", "ram", "rbin", "rds", "rdsdata", "rdsdataservice", "recyclebin", "redshift", "redshiftdata",
      "redshiftdataapiservice", "redshiftserverless", "rekognition", "resiliencehub", "resiliencehubv2", "resourceexplorer2",
      "resourcegroups", "resourcegroupstagging", "resourcegroupstaggingapi", "rolesanywhere", "route53", "route53domains",
      "route53profiles", "route53recoverycontrolconfig", "route53recoveryreadiness", "route53resolver", "rum", "s3", "s3api",
      "s3control", "s3files", "s3outposts", "s3tables", "s3vectors", "sagemaker", "savingsplans", "scheduler", "schemas", "sdb",
      "secretsmanager", "securityhub", "securitylake", "serverlessapplicationrepository", "serverlessapprepo", "serverlessrepo",
      "servicecatalog", "servicecatalogappregistry", "servicediscovery", "servicequotas", "ses", "sesv2", "sfn", "shield", "signer",
      "simpledb", "sns", "sqs", "ssm", "ssmcontacts", "ssmincidents", "ssmquicksetup", "ssmsap", "ssoadmin", "stepfunctions",
      "storagegateway", "swf", "synthetics", "taxsettings", "timestreaminfluxdb", "timestreamquery", "timestreamwrite", "transcribe",
      "transcribeservice", "transfer", "uxc", "verifiedpermissions", "vpclattice", "waf", "wafregional", "wafv2", "wellarchitected",
      "worklink", "workmail", "workspaces", "workspacesweb", "xray",
    ]
  }

  argument "sts_region" {
    about = "The region of STS, when it is another."
    type  = string
  }

  argument "use_fips_endpoint" {
    about = "Use the endpoints validated by FIPS 140. Where there is none no call is made; an address that somebody wrote is taken as it is."
    type  = bool
    env   = ["AWS_USE_FIPS_ENDPOINT"]
  }

  argument "use_dualstack_endpoint" {
    about = "Use the endpoints that speak IPv6 too."
    type  = bool
    env   = ["AWS_USE_DUALSTACK_ENDPOINT"]
  }

  argument "max_retries" {
    about = "How many times a call is tried; 10 times when left out. Or max_attempts of the profile."
    type  = number
    range = [0, 1000]
    env   = ["AWS_MAX_ATTEMPTS"]
  }

  argument "retry_mode" {
    about  = "Has no effect: calls are always tried again as in the mode adaptive, which holds them back after throttling."
    type   = string
    one_of = ["standard", "adaptive"]
    env    = ["AWS_RETRY_MODE"]
  }

  argument "token_bucket_rate_limiter_capacity" {
    about = "Has no effect: nothing but max_retries limits how often a call is tried."
    type  = number
    range = [0, 1000000]
  }

  argument "http_proxy" {
    about = "The proxy of plain connections, and of encrypted ones where these have none."
    type  = string
    env   = ["HTTP_PROXY", "http_proxy"]
  }

  argument "https_proxy" {
    about = "The proxy of encrypted connections."
    type  = string
    env   = ["HTTPS_PROXY", "https_proxy"]
  }

  argument "no_proxy" {
    about = "Hosts that are reached without proxy, with commas between them; * for all. This machine and its metadata service always are."
    type  = string
    env   = ["NO_PROXY", "no_proxy"]
  }

  argument "insecure" {
    about = "Accept any certificate."
    type  = bool
  }

  argument "custom_ca_bundle" {
    about = "A file of certificates to trust, beside those of the system. Or ca_bundle of the profile."
    type  = string
    env   = ["AWS_CA_BUNDLE"]
  }

  argument "ec2_metadata_service_endpoint" {
    about = "The address of the instance metadata service."
    type  = string
    env   = ["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
  }

  argument "ec2_metadata_service_endpoint_mode" {
    about  = "The protocol of the instance metadata service."
    type   = string
    one_of = ["IPv4", "IPv6"]
    env    = ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]
  }

  argument "skip_credentials_validation" {
    about = "Has no effect: credentials prove themselves in the first call that needs them."
    type  = bool
  }

  argument "skip_requesting_account_id" {
    about = "Do not ask for the account's number."
    type  = bool
  }

  argument "skip_metadata_api_check" {
    about = "\"true\" keeps away from the instance metadata service, as AWS_EC2_METADATA_DISABLED does."
    type  = string
  }

  argument "skip_region_validation" {
    about = "Accept regions that are not in the list."
    type  = bool
  }

  argument "user_agent" {
    about = "What to add to the user agent of every call."
    type  = list(string)
  }

  # Accepted so that configurations written for other services load.
  argument "s3_use_path_style" {
    about = "Has no effect: nothing here calls S3."
    type  = bool
  }

  argument "s3_us_east_1_regional_endpoint" {
    about = "Has no effect: nothing here calls S3."
    type  = string
  }

  argument "tag_policy_compliance" {
    about = "Has no effect."
    type  = string
  }

  # ---- services --------------------------------------------------------------

  service "kms" {
    protocol = "aws_json_1_1"
    target   = "TrentService"
    signing  = "kms"
    endpoint = "https://kms.${region}.${dns_suffix}/"

    # What makes keys with tags tags them; the roles of a service are made with the first key or store that needs them.
    permission "CreateKey" { needs = ["kms:CreateKey", "kms:TagResource", "iam:CreateServiceLinkedRole"] }
    permission "ReplicateKey" { needs = ["kms:ReplicateKey", "kms:CreateKey", "kms:TagResource", "iam:CreateServiceLinkedRole"] }
    permission "CreateCustomKeyStore" { needs = ["kms:CreateCustomKeyStore", "cloudhsm:DescribeClusters", "iam:CreateServiceLinkedRole"] }

    # Each action counts for itself.
    quota {
      per_second = 2000
      actions    = ["DescribeKey", "ListResourceTags", "GetPublicKey"]
    }
    quota {
      per_second = 1000
      actions    = ["GetKeyPolicy", "GetKeyRotationStatus"]
    }
    quota {
      per_second = 500
      actions    = ["ListAliases", "ListKeys"]
    }
    quota {
      per_second = 100
      actions    = ["ListGrants", "ListRetirableGrants", "ListKeyPolicies", "ListKeyRotations"]
    }
    quota {
      per_second = 50
      actions    = ["CreateGrant", "RetireGrant", "RevokeGrant"]
    }
    quota {
      per_second = 15
      actions    = ["PutKeyPolicy", "ScheduleKeyDeletion", "EnableKeyRotation", "DeleteAlias", "ImportKeyMaterial", "DeleteImportedKeyMaterial"]
    }
    quota {
      per_second = 10
      actions    = ["TagResource"]
    }
    quota {
      per_second = 5
      actions = [
        "CreateKey", "CreateAlias", "UpdateAlias", "UntagResource", "EnableKey", "DisableKey", "DisableKeyRotation",
        "CancelKeyDeletion", "UpdateKeyDescription", "ReplicateKey", "UpdatePrimaryRegion", "RotateKeyOnDemand", "GetKeyLastUsage",
        "CreateCustomKeyStore", "DescribeCustomKeyStores", "UpdateCustomKeyStore", "DeleteCustomKeyStore", "ConnectCustomKeyStore", "DisconnectCustomKeyStore",
      ]
    }
    quota {
      per_second = 1
      actions    = ["GetParametersForImport"]
    }
    quota {
      per_second = 10000
      shared     = true
      actions    = ["Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom", "ReEncrypt"]
    }
  }

  service "sts" {
    protocol = "aws_query"
    version  = "2011-06-15"
    signing  = "sts"
    endpoint = "https://sts.${region}.${dns_suffix}/"

    # Everybody may ask who they are.
    permission "GetCallerIdentity" { needs = [] }
  }

  # One for a whole partition; calls say its home region.
  service "iam" {
    protocol = "aws_query"
    version  = "2010-05-08"
    signing  = "iam"
    endpoint = "https://iam.${region}.${dns_suffix}/"
  }

  # Codes that mean the same whichever call returns them. LimitExceededException is not among those to ask again:
  # it is a quota of resources, which waiting does not change.
  errors {
    gone      = ["NotFoundException", "CustomKeyStoreNotFoundException", "NoSuchEntity"]
    throttled = ["ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"]
    transient = ["KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException", "InternalFailure", "InternalError", "ServiceUnavailable", "RequestTimeout", "RequestTimeoutException"]
    denied    = ["AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch", "ExpiredTokenException", "ExpiredToken", "RequestExpired", "MissingAuthenticationToken", "IncompleteSignature", "OptInRequired"]
  }

  wait {
    every = "1s"
    limit = "10m"
  }

  every "resource" {
    region = self.region # of each call, unless the call names its own

    argument "region" {
      about = "The region of the resource, when it is not the provider's."
      type  = string
      plan  = provider.region
      read  = or(self.region, provider.region)

      # State written before there was this argument has none: that is no reason to replace.
      force_new = or(prior.region, self.region) != self.region
    }

    import {
      match = "^(?P<id>.+?)(?:@(?P<region>[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}))?$"
    }
  }
}
