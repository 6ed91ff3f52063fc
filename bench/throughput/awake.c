// A client that sleeps is woken by its server, which pays for that: the more, the slower it is. So this one never sleeps, but asks again and again.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/epoll.h>
#include <time.h>

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout) {
  static int (*ask)(int, struct epoll_event *, int, int);
  if (!ask) ask = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
  long began = now();
  int count;
  do count = ask(epoll, events, most, 0);
  while (count == 0 && timeout != 0 && (timeout < 0 || now() - began < timeout));
  return count;
}
