package import LoopModel

/// How a client of the Lambda API names a function: by name, partial ARN or ARN, each with or without a qualifier.
package struct LambdaFunctionReference: Hashable, Sendable {
    /// The only version that a plugin has.
    package static let latest = "$LATEST"

    package var name: FunctionName
    /// A version or alias; nil: the latest.
    package var qualifier: String?

    /// Reads what stands in the path; account and region are taken as they come, for there is only one of each here.
    ///
    /// - Throws: ``LambdaFailure`` when it is none of the three.
    package init(_ text: String) throws(LambdaFailure) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let rest: ArraySlice<String>
        if parts.count >= 7, parts[0] == "arn", parts[2] == "lambda", parts[5] == "function" {
            rest = parts[6...]
        } else if parts.count >= 3, parts[1] == "function" {
            rest = parts[2...]
        } else {
            rest = parts[...]
        }
        guard (1...2).contains(rest.count), let name = rest.first.flatMap(FunctionName.init(rawValue:)) else {
            throw .invalidName(text)
        }
        self.name = name
        qualifier = rest.count == 2 ? rest.last : nil
    }

    /// As AWS writes it in an error.
    package func arn(in region: String) -> String {
        "\(Self.arn(of: name, in: region)):\(qualifier ?? Self.latest)"
    }

    /// A function's name as callers of the Lambda API write it.
    package static func arn(of function: FunctionName, in region: String) -> String {
        function.lambdaARN(in: region)
    }

    /// The only version of a layer, as callers of the Lambda API write it.
    static func layerARN(of name: String, in region: String) -> String {
        "arn:aws:lambda:\(region):\(account):layer:\(name):1"
    }

    /// Of nobody.
    private static let account = "012345678912"
}
