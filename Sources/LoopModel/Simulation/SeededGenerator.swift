/// Random numbers that are the same for the same seed, on every machine: SplitMix64 (Steele, Lea and Flood, 2014).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// One of several that are drawn from one seed, independent of the others.
    package init(seed: UInt64, stream: Int) {
        var first = Self(seed: seed)
        let mixed = first.next()
        self.init(seed: mixed ^ (UInt64(truncatingIfNeeded: stream) &* 0xD1B5_4A32_D192_ED03))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1, in steps of 2⁻⁵³.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Exponentially distributed with a mean of 1: the gap between two arrivals that know nothing of each other.
    ///
    /// By von Neumann's comparisons (1951): the length of a descending run of uniform numbers decides whether its first
    /// is taken; exact, and without a logarithm.
    package mutating func exponential() -> Double {
        var whole = 0.0
        while true {
            let first = uniform()
            var last = first
            var length = 1
            while true {
                let number = uniform()
                if number >= last { break }
                last = number
                length += 1
            }
            if length % 2 == 1 { return whole + first }
            whole += 1
        }
    }
}
