package main

import (
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
)

// do takes one step in a request.
func do(s *scs.Session, each step) (result, error) {
	value := s.Values[each.Key]
	switch each.Op {
	case "get":
		return resultOf(value), nil
	case "put":
		parsed, err := parse(each.Type, each.Value)
		s.Put(each.Key, parsed)
		return result{}, err
	case "pop":
		s.Remove(each.Key)
		return resultOf(value), nil
	case "remove":
		s.Remove(each.Key)
		return result{}, nil
	case "remember":
		s.Remember(each.Value == "true")
		return result{}, nil
	case "renew":
		return result{}, s.Renew()
	case "destroy":
		return result{}, s.Destroy()
	case "sleep":
		pause, err := time.ParseDuration(each.Value)
		time.Sleep(pause)
		return result{}, err
	}
	return result{}, fmt.Errorf("no such step: %s", each.Op)
}
