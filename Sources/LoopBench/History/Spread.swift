import LoopModel

/// How times are spread, in nanoseconds; all 0 where there are none.
struct Spread {
    let count: Int
    let median: Int64
    let percentile99: Int64
    let maximum: Int64

    init(_ times: [Int64]) {
        let sorted = times.sorted()
        count = sorted.count
        median = sorted.isEmpty ? 0 : sorted[count / 2]
        percentile99 = sorted.isEmpty ? 0 : sorted[count * 99 / 100]
        maximum = sorted.last ?? 0
    }

    var json: JSON {
        ["count": JSON(count), "p50": .int(median), "p99": .int(percentile99), "max": .int(maximum)]
    }
}
