/// How often functions were invoked in each minute of a day, in the layout of the Azure Functions traces of 2019
/// ("Serverless in the Wild", USENIX ATC 2020): `HashOwner,HashApp,HashFunction,Trigger,1,2,…,1440`.
package struct InvocationTrace: Sendable {
    package struct Row: Hashable, Sendable {
        /// Of the file, counted from 1.
        package var line: Int
        package var function: String
        package var trigger: String
        /// Invocations in each minute.
        package var counts: [Int]
    }

    package private(set) var rows: [Row] = []
    /// How many rows were not wanted.
    package private(set) var skipped = 0

    private static let identity = ["HashOwner", "HashApp", "HashFunction", "Trigger"]
    /// Of a day.
    private static let mostMinutes = 1440
    /// In one minute of one row: far more than one machine could do.
    private static let mostInvocations = 10_000_000

    /// Reads a trace's file.
    ///
    /// - Parameters:
    ///   - bytes: the file's; lines end as on Unix or on Windows.
    ///   - isWanted: whether the row of a function, named by its hash, is to be read; of others the counts may be anything.
    /// - Throws: ``InvocationTraceFailure`` at the first row that is not as it must be.
    package init(_ bytes: [UInt8], isWanted: (String) -> Bool) throws(InvocationTraceFailure) {
        let all = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var lines = all.enumerated().makeIterator()
        guard let (_, first) = lines.next() else { throw InvocationTraceFailure(line: 1, "the file is empty") }
        let hasMark = first.starts(with: [0xEF, 0xBB, 0xBF])
        let minutes = try Self.minutes(ofHeader: Self.fields(hasMark ? first.dropFirst(3) : first))
        while let (index, text) = lines.next() {
            // Of a row that nobody wants, no more than its name is read: a day of all functions has 60 million counts.
            let first = Self.fields(text, most: 4)
            if first.count == 1, first[0].isEmpty { continue }
            guard first.count > 3 else {
                let expected = "HashOwner,HashApp,HashFunction,Trigger and \(minutes) counts"
                throw InvocationTraceFailure(line: index + 1, "expected \(expected), found \(first.count) columns")
            }
            let function = Self.text(first[2])
            guard isWanted(function) else {
                skipped += 1
                continue
            }
            let fields = Self.fields(text)
            guard fields.count == 4 + minutes else {
                let message = "expected \(4 + minutes) columns, as the first line has, found \(fields.count)"
                throw InvocationTraceFailure(line: index + 1, message)
            }
            let counts = try fields.dropFirst(4).enumerated().map { (minute, field) throws(InvocationTraceFailure) in
                guard let count = Int(Self.text(field)), (0...Self.mostInvocations).contains(count) else {
                    let message = "minute \(minute + 1): expected a whole number from 0, found \"\(Self.text(field))\""
                    throw InvocationTraceFailure(line: index + 1, message)
                }
                return count
            }
            rows.append(Row(line: index + 1, function: function, trigger: Self.text(fields[3]), counts: counts))
        }
    }

    /// How many minutes a trace has, by its first line.
    private static func minutes(ofHeader fields: [ArraySlice<UInt8>]) throws(InvocationTraceFailure) -> Int {
        let names = fields.map(text)
        guard names.starts(with: identity), names.count > identity.count else {
            let found = names.prefix(5).joined(separator: ",")
            let expected = "expected the columns HashOwner,HashApp,HashFunction,Trigger,1,2,… up to 1440"
            throw InvocationTraceFailure(line: 1, "\(expected), found \"\(found.prefix(80))\"")
        }
        let minutes = names.dropFirst(identity.count)
        for (index, name) in minutes.enumerated() where Int(name) != index + 1 {
            throw InvocationTraceFailure(line: 1, "expected the column \(index + 1), found \"\(name.prefix(40))\"")
        }
        guard minutes.count <= mostMinutes else {
            throw InvocationTraceFailure(line: 1, "expected at most \(mostMinutes) minutes, found \(minutes.count)")
        }
        return minutes.count
    }

    /// The columns of a line; if a number is given, only so many, and all the rest in one more.
    private static func fields(_ line: ArraySlice<UInt8>, most: Int = .max) -> [ArraySlice<UInt8>] {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        return line.split(separator: UInt8(ascii: ","), maxSplits: most, omittingEmptySubsequences: false)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(String(decoding: field, as: UTF8.self).trimmingBlanks)
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimmingBlanks: Substring { self[...].spaceless }
}

/// What is wrong with a trace, and where.
package struct InvocationTraceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package var line: Int
    package var message: String

    init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    package var description: String { "line \(line): \(message)" }
}
