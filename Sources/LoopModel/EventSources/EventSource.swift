/// A sample of what a service sends to the functions that it calls, in the shape that AWS documents.
///
/// One file for each, and a line in ``all``. The values are made up: region us-east-1, account 012345678912.
package struct EventSource: Hashable, Sendable {
    /// As it is typed after `--event-source`.
    package let name: String
    /// Other words for it.
    package let aliases: [String]
    /// What the sample is, as part of a sentence.
    package let summary: String
    /// The event, as JSON.
    package let text: String

    /// In the order in which they are told.
    package static let all: [Self] = [
        .sqs, .sns, .s3, .eventBridge, .scheduled, .restAPI, .httpAPI, .lambdaURL, .webSocket, .authorizer, .alb,
        .dynamoDB, .kinesis, .firehose, .kafka, .cognito, .cloudWatchLogs, .ses, .secretsManager, .cloudFormation,
    ]

    /// The sample of that name.
    ///
    /// - Throws: ``EventSourceFailure`` when nothing is called so.
    package init(named name: String) throws(EventSourceFailure) {
        let wanted = name.lowercased()
        guard let source = Self.all.first(where: { $0.name == wanted || $0.aliases.contains(wanted) }) else {
            throw EventSourceFailure(name: name)
        }
        self = source
    }

    /// For the files of this folder.
    init(name: String, aliases: [String], summary: String, text: String) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.text = text
    }
}

/// There is no sample of that name.
package struct EventSourceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var name: String

    package init(name: String) { self.name = name }

    package var description: String { "there is no event source \"\(name)\"" }

    /// The name that was probably meant, and those there are.
    package var hint: String {
        let words = EventSource.all.flatMap { [$0.name] + $0.aliases }
        let nearest = nearestName(to: name.lowercased(), among: words).flatMap { word in
            EventSource.all.first { $0.name == word || $0.aliases.contains(word) }?.name
        }
        let known = EventSource.all.map(\.name).joined(separator: ", ")
        return (nearest.map { "Did you mean \"\($0)\"? " } ?? "") + "There are: \(known)."
    }
}
