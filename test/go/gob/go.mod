module gobjudge

go 1.19
