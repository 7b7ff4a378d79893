"""Creates the resources of templates at moto, with the calls that CloudFormation makes.

Reads from standard input a JSON list of {"type", "id", "name", "properties"}, in which every expression is resolved
and dependencies come first. Writes the ids that the services generated, by the names that stand for them.
moto checks each call against the model of its service; a resource that it cannot create is an error.
"""

import io
import json
import sys
import zipfile

import boto3
from botocore.config import Config

endpoint, region = sys.argv[1:3]
# Names that moto gave to resources, by the names that the resolved templates use for them.
given = {}
clients = {}


def client(service):
    if service not in clients:
        clients[service] = boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="maker",
            aws_secret_access_key="maker",
            config=Config(retries={"max_attempts": 1}, read_timeout=120),
        )
    return clients[service]


def without(properties, *names):
    return {name: value for name, value in properties.items() if name not in names}


def bucket(name, p):
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=p["OwnershipControls"])
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=p["PublicAccessBlockConfiguration"])
    if "VersioningConfiguration" in p:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=p["VersioningConfiguration"])
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            **{key: rule[key] for key in ["BucketKeyEnabled"] if key in rule},
        }
        for rule in p["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    ]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    rules = [lifecycle(rule) for rule in p["LifecycleConfiguration"]["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": p["Tags"]})


def lifecycle(rule):
    known = {"Id", "Status", "Prefix", "ExpirationInDays", "ExpiredObjectDeleteMarker"}
    known |= {"NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"}
    if set(rule) - known:
        raise ValueError(f"not known here: {set(rule) - known}")
    expiration = {
        **({"Days": rule["ExpirationInDays"]} if "ExpirationInDays" in rule else {}),
        **({"ExpiredObjectDeleteMarker": True} if rule.get("ExpiredObjectDeleteMarker") else {}),
    }
    return {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        **({"Expiration": expiration} if expiration else {}),
        **{key: rule[key] for key in ["NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"] if key in rule},
    }


def bucket_policy(_, p):
    client("s3").put_bucket_policy(Bucket=p["Bucket"], Policy=json.dumps(p["PolicyDocument"]))
    # moto would apply the policy without its conditions and deny everything. The guard in front of moto applies them.
    client("s3").delete_bucket_policy(Bucket=p["Bucket"])


def secret(_, p):
    value = {}
    if "GenerateSecretString" in p:
        value = {"SecretString": client("secretsmanager").get_random_password(**p["GenerateSecretString"])["RandomPassword"]}
    client("secretsmanager").create_secret(**without(p, "GenerateSecretString"), **value)


def queue(name, p):
    attributes = {
        key: json.dumps(value) if isinstance(value, dict) else str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in without(p, "QueueName", "Tags").items()
    }
    tags = {tag["Key"]: tag["Value"] for tag in p["Tags"]}
    client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tags)


def queue_policy(_, p):
    for url in p["Queues"]:
        client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(p["PolicyDocument"])})


def log_group(name, p):
    client("logs").create_log_group(logGroupName=name)
    client("logs").put_retention_policy(logGroupName=name, retentionInDays=p["RetentionInDays"])


def metric_filter(name, p):
    transformations = [{key[0].lower() + key[1:]: value for key, value in one.items()} for one in p["MetricTransformations"]]
    client("logs").put_metric_filter(
        logGroupName=p["LogGroupName"], filterName=name, filterPattern=p["FilterPattern"], metricTransformations=transformations
    )


def role(name, p):
    trust = json.dumps(p["AssumeRolePolicyDocument"])
    client("iam").create_role(RoleName=name, Path=p["Path"], AssumeRolePolicyDocument=trust, Tags=p["Tags"])


def role_policy(_, p):
    for name in p["Roles"]:
        client("iam").put_role_policy(RoleName=name, PolicyName=p["PolicyName"], PolicyDocument=json.dumps(p["PolicyDocument"]))


def managed_policy(name, p):
    made = client("iam").create_policy(PolicyName=name, Path=p["Path"], PolicyDocument=json.dumps(p["PolicyDocument"]))
    for role_name in p["Roles"]:
        client("iam").attach_role_policy(RoleName=role_name, PolicyArn=made["Policy"]["Arn"])


def function(name, p):
    # The real bundle runs beside moto, as a process.
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.mjs", "export const handler = () => {};")
    tags = {tag["Key"]: tag["Value"] for tag in p["Tags"]}
    rest = without(p, "FunctionName", "Code", "Tags", "RecursiveLoop")
    client("lambda").create_function(FunctionName=name, Code={"ZipFile": archive.getvalue()}, Tags=tags, **rest)


def topic(name, p):
    attributes = {key: p[key] for key in ["DisplayName", "KmsMasterKeyId"] if key in p}
    client("sns").create_topic(Name=name, Attributes=attributes, Tags=p["Tags"])


def topic_policy(_, p):
    for arn in p["Topics"]:
        policy = json.dumps(p["PolicyDocument"])
        client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def rule(name, p):
    pattern = json.dumps(p["EventPattern"])
    client("events").put_rule(Name=name, Description=p["Description"], EventPattern=pattern, State=p["State"])
    client("events").put_targets(Rule=name, Targets=p["Targets"])


def api(name, p):
    given[name] = client("apigatewayv2").create_api(**without(p, "Tags"))["ApiId"]


def part_of_api(operation, key):
    def make(name, p):
        given[name] = getattr(client("apigatewayv2"), operation)(**without(p, "Tags"))[key]

    return make


makers = {
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SecretsManager::Secret": secret,
    "AWS::Glue::Database": lambda _, p: client("glue").create_database(**without(p, "Tags")),
    "AWS::Glue::Table": lambda _, p: client("glue").create_table(**p),
    "AWS::Athena::WorkGroup": lambda _, p: client("athena").create_work_group(
        Name=p["Name"], Description=p["Description"], Configuration=p["WorkGroupConfiguration"], Tags=p["Tags"]
    ),
    "AWS::Athena::NamedQuery": lambda _, p: client("athena").create_named_query(**p),
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::MetricFilter": metric_filter,
    "AWS::IAM::Role": role,
    "AWS::IAM::Policy": role_policy,
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::EventInvokeConfig": lambda _, p: client("lambda").put_function_event_invoke_config(**p),
    # The test polls the queue itself, beside moto; if enabled, moto would poll it as well.
    "AWS::Lambda::EventSourceMapping": lambda _, p: client("lambda").create_event_source_mapping(
        **without(p, "Tags"), Enabled=False
    ),
    "AWS::Lambda::Permission": lambda name, p: client("lambda").add_permission(StatementId=name[:90], **p),
    "AWS::Scheduler::Schedule": lambda name, p: client("scheduler").create_schedule(**{**p, "Name": name}),
    "AWS::ApiGatewayV2::Api": api,
    "AWS::ApiGatewayV2::Integration": part_of_api("create_integration", "IntegrationId"),
    "AWS::ApiGatewayV2::Route": part_of_api("create_route", "RouteId"),
    "AWS::ApiGatewayV2::Stage": part_of_api("create_stage", "StageName"),
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SNS::Subscription": lambda _, p: client("sns").subscribe(**p),
    "AWS::Events::Rule": rule,
    "AWS::CloudWatch::Alarm": lambda _, p: client("cloudwatch").put_metric_alarm(**p),
    "AWS::CloudWatch::Dashboard": lambda _, p: client("cloudwatch").put_dashboard(**p),
}

made = 0
for resource in json.load(sys.stdin):
    text = json.dumps(resource["properties"])
    for name, actual in given.items():
        text = text.replace(name, actual)
    try:
        makers[resource["type"]](resource["name"], json.loads(text))
    except Exception as error:
        sys.exit(f"{resource['type']} {resource['id']}: {type(error).__name__}: {error}")
    made += 1
print(json.dumps({"made": made, "given": given}))
