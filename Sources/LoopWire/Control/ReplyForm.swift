/// In which form reports answer.
package enum ReplyForm: Hashable, Sendable {
    /// The published JSON.
    case contract
    /// The whole document, from which `loopwarden` makes tables; its shape is no contract.
    case document

    /// What a client sends in `Accept`, and gets as `Content-Type`.
    package var mediaType: String {
        switch self {
        case .contract: "application/json"
        case .document: "application/vnd.loopwarden.document+json"
        }
    }

    /// What an `Accept` header asks for; anything else than the document form gets the contract.
    package init(accept: String?) {
        let types = accept?.split(separator: ",").compactMap { $0.split(separator: ";").first } ?? []
        let asksForDocument = types.contains { type in
            type.drop { $0 == " " }.lowercased() == Self.document.mediaType
        }
        self = asksForDocument ? .document : .contract
    }
}
