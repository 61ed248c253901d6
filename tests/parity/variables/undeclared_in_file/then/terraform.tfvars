a = 2
zz = 3
