extension EventSource {
    /// The creation of an AWS CloudFormation custom resource.
    static let cloudFormation = Self(
        name: "cloudformation",
        aliases: ["custom-resource", "cfn"],
        summary: "the creation of an AWS CloudFormation custom resource",
        text: #"""
            {
              "RequestType": "Create",
              "ServiceToken": "arn:aws:lambda:us-east-1:012345678912:function:orders",
              "ResponseURL": "https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/example",
              "StackId": "arn:aws:cloudformation:us-east-1:012345678912:stack/orders/5b918d10-cd98-11ea-90d5-0a9cd3354\#
            c10",
              "RequestId": "25f5c9d8-7a5c-4b0d-8a1f-0b6f3b1e9c11",
              "ResourceType": "Custom::OrderTable",
              "LogicalResourceId": "OrderTable",
              "ResourceProperties": {
                "ServiceToken": "arn:aws:lambda:us-east-1:012345678912:function:orders",
                "TableName": "orders"
              }
            }
            """#
    )
}
