extension EventSource {
    /// A sign-up to an Amazon Cognito user pool (pre sign-up trigger).
    static let cognito = Self(
        name: "cognito",
        aliases: ["cognito-user-pool", "pre-sign-up"],
        summary: "a sign-up to an Amazon Cognito user pool (pre sign-up trigger)",
        text: #"""
            {
              "version": "1",
              "triggerSource": "PreSignUp_SignUp",
              "region": "us-east-1",
              "userPoolId": "us-east-1_EXAMPLE",
              "userName": "ada",
              "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "1example23456789"},
              "request": {
                "userAttributes": {"email": "ada@example.com", "phone_number": "+12065550100"},
                "validationData": null
              },
              "response": {"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}
            }
            """#
    )
}
