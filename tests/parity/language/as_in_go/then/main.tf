output "patterns" {
  value = [
    replace("Größe x", "/\\W+/", "_"),
    replace("日本-key", "/\\W/", ""),
    regex("\\d+", "٣4"),
    regexall("\\b\\w", "über alles"),
    can(regex("\\s", "a\u00a0b")),
    regex("[a-z&&b]+", "&b") == "&b",
    regex("[[a]]", "a]"),
    regex("\\<b\\>", "<b>") == "<b>",
    regexall("{(\\w+)}", "a{b}"),
    regex("x{2", "x{2"),
    regex("\\Qa.b\\E", "a.b"),
    regex("\\101", "A"),
    can(regex("a**", "a")),
    can(regex("(?x) a b", "ab")),
  ]
}
output "formats" {
  value = [
    format("%v %v %v %v", 1000000, 123456789012, 10000000.25, 0.00001),
    formatlist("%v", [1000000, 5]),
    format("%.0f %.0f %.1f %.2f %.2f", 0.5, 2.5, 0.25, 1.005, 2.345),
    format("%g %g %.3g %e %.3e", 1 / 3, 1000000, 123456, 1 / 3, 123456),
    format("%.3d|%.0s|%.2v|%+v", 5, "abc", "abc", 5),
    can(format("%5%")),
    can(format("%s %[1]s", "a", "b")),
  ]
}
output "numbers" {
  value = [
    pow(2, 64) == 18446744073709551616,
    pow(2, 63) - 1,
    tostring(pow(2, 0.5)),
    log(16, 2),
    can(1 / 0 - 1 / 0),
    can(1 / 0 * 0),
    can(5 % (1 / 0)),
    can(sum([1 / 0, -1 / 0])),
    can(signum(0.5)),
  ]
}
output "texts" {
  value = [
    csvdecode("name\n\"a\"\n\"\"\n\"b\""),
    csvdecode("a\n\"\"\n\nb"),
    csvdecode("a,b\r\n1,\"x\r\ny\"\r\n"),
    can(jsondecode("[1e999999999999]")),
    yamldecode("[y, n, N, Y, 0b11]"),
    yamldecode("x: 1\ny: 2"),
    can(cidrhost("10.0.0.0/+8", 1)),
    lower("İΣΑΣ"),
    [for x, x in [1] : x],
  ]
}
