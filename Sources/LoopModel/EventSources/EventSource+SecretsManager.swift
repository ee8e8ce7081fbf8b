extension EventSource {
    /// A step of a rotation by AWS Secrets Manager.
    static let secretsManager = Self(
        name: "secrets-manager",
        aliases: ["secretsmanager", "secret-rotation"],
        summary: "a step of a rotation by AWS Secrets Manager",
        text: #"""
            {
              "Step": "createSecret",
              "SecretId": "arn:aws:secretsmanager:us-east-1:012345678912:secret:orders/database-a1b2c3",
              "ClientRequestToken": "550e8400-e29b-41d4-a716-446655440000"
            }
            """#
    )
}
