# one
// two
/* three
 */
resource "terraform_data" "x" { input = [ # tail
  1, // more
  2,
  ] }
output "o" {
  value = {
    "a" : 1, b = 2
    (join("-", ["c", "d"])) = 3
    "${"e"}"                = 4
  }
}
