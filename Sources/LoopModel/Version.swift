/// This program's version, by semver.org; the probe's is the same.
package let loopwardenVersion = "0.1.0"
