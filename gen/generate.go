package gen

//go:generate go run ../api/cmd generate
