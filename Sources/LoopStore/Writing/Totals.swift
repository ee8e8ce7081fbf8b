/// How many rows a transaction added, or took away, of what is counted in the `store` row.
struct Totals {
    var invocations = 0
    var environments = 0
    var loops = 0
    var events = 0
    var findings = 0
}
