/// What judging the history again changed.
package struct ReplaySummary: Hashable, Sendable {
    package var environments = 0
    /// Environments left as they were because part of their history has been deleted.
    package var skipped = 0
    package var findingsAdded = 0
    package var findingsRemoved = 0
    /// Those found again, whether or not their text changed.
    package var findingsKept = 0
    /// The alerts that got findings they did not have.
    package var alerts: [HistoryStore.AlertChange] = []

    package init() {}
}
