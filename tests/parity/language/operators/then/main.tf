locals {
  a = 7
  b = 2
}
output "arithmetic" { value = [local.a + local.b, local.a - local.b, local.a * local.b, local.a / local.b, local.a % local.b, -local.a, -7 % 2, 1 / 3] }
output "compare" { value = [local.a > 2, local.a >= 7, local.a < 2, local.a <= 7, local.a == 7.0, local.a != 7, "1" == 1, [1] == tolist([1])] }
output "logic" { value = [true && false, true || false, !true, (true || false) && !false] }
output "converted" { value = ["5" + 1, 1 < "2", "${1 + 1}", "${true}x", true ? 1 : "a"] }
output "conditional" { value = [true ? [1] : ["a", "b"], local.a > 3 ? { a = 1 } : { b = 2 }, false ? "x" : null] }
output "precedence" { value = 1 + 2 * 3 == 7 && !false || false ? 2 + 3 : 4 }
resource "terraform_data" "x" { input = { n = local.a / local.b, s = "n is ${local.a}" } }
