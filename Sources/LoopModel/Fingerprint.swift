/// Parts of a text, hashed to 32 hexadecimal digits.
///
/// 64-bit FNV-1a twice over: stable over releases and machines, which `Hasher` is not.
package func fingerprint(of parts: [String]) -> String {
    let text = parts.joined(separator: "\u{0}")
    return hexadecimal64(fnv1a(text.utf8, basis: 0xcbf2_9ce4_8422_2325))
        + hexadecimal64(fnv1a(text.utf8.reversed(), basis: 0x8422_2325_cbf2_9ce4))
}

private func fnv1a(_ bytes: some Sequence<UInt8>, basis: UInt64) -> UInt64 {
    bytes.reduce(basis) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}

private func hexadecimal64(_ word: UInt64) -> String {
    hexadecimal((0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) })
}
