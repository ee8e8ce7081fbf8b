/// What was printed, with the times at which its lines came.
package struct LoggedText: Hashable, Sendable {
    /// Bounded; what was left out is said in it.
    package var text: String
    /// The lines at which the time changes, in order; the first is that of line 0.
    package var times: [Mark]

    package struct Mark: Hashable, Sendable {
        /// Of ``text`` cut at its line feeds, counted from 0.
        package var line: Int
        package var at: WallTime

        package init(line: Int, at: WallTime) {
            self.line = line
            self.at = at
        }
    }

    package init(text: String = "", times: [Mark] = []) {
        self.text = text
        self.times = times
    }

    package var isEmpty: Bool { text.isEmpty }

    /// Each line with its time; `start` is that of lines of which none is known.
    package func lines(from start: WallTime) -> [(at: WallTime, text: String)] {
        guard !text.isEmpty else { return [] }
        var lines: [(at: WallTime, text: String)] = []
        var at = start
        var rest = times[...]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            while let mark = rest.first, mark.line <= number {
                at = mark.at
                rest.removeFirst()
            }
            lines.append((at, String(line)))
        }
        if text.hasSuffix("\n") { lines.removeLast() }
        return lines
    }

    // MARK: In a row of the history

    /// ``times`` in few characters: for each its line and the microseconds since the one before, as in `0+1763750000000000 3+120`.
    package var encodedTimes: String {
        var before: Int64 = 0
        return times.map { mark in
            let microseconds = mark.at.nanoseconds / 1000
            defer { before = microseconds }
            return "\(mark.line)+\(microseconds - before)"
        }.joined(separator: " ")
    }

    package init(text: String, encodedTimes: String) {
        self.text = text
        times = []
        var microseconds: Int64 = 0
        for word in encodedTimes.split(separator: " ") {
            let halves = word.split(separator: "+", maxSplits: 1)
            guard halves.count == 2, let line = Int(halves[0]), let step = Int64(halves[1]) else { continue }
            microseconds += step
            times.append(Mark(line: line, at: WallTime(nanoseconds: microseconds * 1000)))
        }
    }
}
