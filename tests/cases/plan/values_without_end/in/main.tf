output "o" {
  value = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]
}

resource "terraform_data" "d" {
  count = 1e9
}
