/// What shows that something is wrong: the same in every life that shows it.
package enum Symptom: Hashable, Sendable {
    /// A rule's, and the culprit.
    case finding(rule: String, file: String, line: Int)
    /// An error's type, and its text without what differs from one time to the next.
    case failure(String, String)

    package init(_ finding: Finding) {
        self = .finding(rule: finding.rule, file: finding.site?.file ?? "", line: finding.site?.line ?? 0)
    }

    /// - Parameter invocation: one that failed.
    package init(failure invocation: InvocationRecord) {
        let type = invocation.errorType ?? invocation.outcome?.rawValue ?? ""
        self = .failure(type, Self.steady(invocation.errorMessage ?? ""))
    }

    /// An error's text without numbers, ids and addresses.
    private static func steady(_ text: String) -> String {
        text.withoutRequest.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
            .filter { word in !word.contains(where: \.isNumber) }.joined(separator: " ")
    }
}
