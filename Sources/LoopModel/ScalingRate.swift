/// How fast a function may get new environments; AWS Lambda's rate unless said otherwise (facts: lambda §2).
package struct ScalingRate: Hashable, Sendable {
    /// How many in one ``period``.
    package var environments: Int
    package var period: Duration

    package init(environments: Int = 1000, period: Duration = .seconds(10)) {
        self.environments = environments
        self.period = period
    }
}
