/// The known name that was probably meant by one that is not known.
///
/// - Returns: nil when none is near: more than a third of the letters, and more than two, would have to change.
package func nearestName(to name: String, among known: [String]) -> String? {
    let nearest = known.map { (name: $0, distance: editDistance(name, $0)) }.min { $0.distance < $1.distance }
    guard let nearest, nearest.distance <= max(2, name.count / 3) else {
        // A part of a name, or some of its words.
        let words = Set(name.split(separator: "-"))
        return name.count < 4
            ? nil : known.first { $0.contains(name) || !words.isEmpty && words.isSubset(of: $0.split(separator: "-")) }
    }
    return nearest.name
}

/// How many letters must be added, taken away or replaced to make one text of the other (Levenshtein).
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in right.indices {
            let replaced = diagonal + (letter == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
