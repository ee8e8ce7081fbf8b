/// The method of a request; others than the known are kept as they came, so that they can be refused by name.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let get = Self(rawValue: "GET")
    package static let post = Self(rawValue: "POST")
    package static let delete = Self(rawValue: "DELETE")
}
