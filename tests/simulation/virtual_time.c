/* Virtual time: fibers by ucontext(3), each with a stack that the next one uses again. A fiber gives the
 * thread back when it sleeps; the main thread runs the one that wakes first whenever it waits for an event.
 */
#include "virtual_time.h"

#include <ucontext.h>

#define STACK_SIZE (512 * 1024)
#define EPOCH_US (G_GINT64_CONSTANT(1795000000) * G_USEC_PER_SEC)

#if defined(__SANITIZE_ADDRESS__)
#define FIBERS_ARE_ANNOTATED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBERS_ARE_ANNOTATED 1
#endif
#endif

#ifdef FIBERS_ARE_ANNOTATED
#include <sanitizer/common_interface_defs.h>
#endif

struct Fiber {
    ucontext_t context;
    void *stack;
    gint64 wakes_at;
    guint64 order; /* of going to sleep: who slept first wakes first */
    PoolWork work;
    gpointer job;
    gpointer control;
    bool ended;
};

struct VirtualTime {
    RunClock clock;
    RunExecutor executor;
    GRand *random;
    gint64 now;
    gint64 main_wakes_at; /* the main thread waits for an event until then */
    guint64 order;
    GPtrArray *sleeping; /* of Fiber *: all */
    GPtrArray *stacks;   /* free ones */
    Fiber *current;
    ucontext_t main;
    void *main_fake_stack;
    const void *main_stack;
    gsize main_stack_size;
};

/* ---- Switching ---- */

/* AddressSanitizer wants to know on which stack it is. */
static void announce_leave(void **fake_stack, const void *stack, gsize size)
{
#ifdef FIBERS_ARE_ANNOTATED
    __sanitizer_start_switch_fiber(fake_stack, stack, size);
#else
    (void)fake_stack, (void)stack, (void)size;
#endif
}

static void announce_arrival(void *fake_stack, const void **stack, gsize *size)
{
#ifdef FIBERS_ARE_ANNOTATED
    __sanitizer_finish_switch_fiber(fake_stack, stack, size);
#else
    (void)fake_stack, (void)stack, (void)size;
#endif
}

static void leave_fiber(VirtualTime *self, Fiber *fiber)
{
    void *fake_stack = NULL;
    announce_leave(fiber->ended ? NULL : &fake_stack, self->main_stack, self->main_stack_size);
    swapcontext(&fiber->context, &self->main);
    announce_arrival(fake_stack, &self->main_stack, &self->main_stack_size);
}

/* makecontext() passes ints only: the pointer travels in two halves. */
static void fiber_main(unsigned high, unsigned low)
{
    VirtualTime *self = (gpointer)(((guintptr)high << 32) | low);
    Fiber *fiber = self->current;
    announce_arrival(NULL, &self->main_stack, &self->main_stack_size);
    fiber->work(fiber->job, fiber->control);
    fiber->ended = true;
    leave_fiber(self, fiber);
}

static void run_fiber(VirtualTime *self, Fiber *fiber)
{
    self->now = MAX(self->now, fiber->wakes_at);
    self->current = fiber;
    announce_leave(&self->main_fake_stack, fiber->stack, STACK_SIZE);
    swapcontext(&self->main, &fiber->context);
    announce_arrival(self->main_fake_stack, NULL, NULL);
    self->current = NULL;
    if (!fiber->ended)
        return;
    g_ptr_array_remove_fast(self->sleeping, fiber);
    g_ptr_array_add(self->stacks, fiber->stack);
    g_free(fiber);
}

/* ---- Time ---- */

gint64 virtual_time_now(const VirtualTime *self)
{
    return self->now;
}

Fiber *virtual_time_current(const VirtualTime *self)
{
    return self->current;
}

static Fiber *next_fiber(const VirtualTime *self)
{
    Fiber *next = NULL;
    for (guint i = 0; i < self->sleeping->len; i++) {
        Fiber *fiber = self->sleeping->pdata[i];
        if (!next || fiber->wakes_at < next->wakes_at ||
            (fiber->wakes_at == next->wakes_at && fiber->order < next->order))
            next = fiber;
    }
    return next;
}

void virtual_time_sleep(VirtualTime *self, gint64 us)
{
    Fiber *fiber = self->current;
    if (!fiber) {
        self->now += us;
        return;
    }
    fiber->wakes_at = self->now + us;
    fiber->order = self->order++;
    if (next_fiber(self) == fiber && fiber->wakes_at <= self->main_wakes_at)
        self->now = fiber->wakes_at; /* it would be the next one anyway */
    else
        leave_fiber(self, fiber);
}

void virtual_time_wake(VirtualTime *self, Fiber *fiber)
{
    fiber->wakes_at = MIN(fiber->wakes_at, self->now);
}

static gint64 clock_now(gpointer self)
{
    return virtual_time_now(self);
}

static gint64 clock_real(gpointer self)
{
    return EPOCH_US + virtual_time_now(self);
}

static void clock_sleep(gpointer self, gint64 us)
{
    virtual_time_sleep(self, us);
}

static double clock_chance(gpointer context)
{
    return g_rand_double(((VirtualTime *)context)->random);
}

/* ---- Jobs ---- */

static void submit(gpointer context, PoolWork work, gpointer job, gpointer control)
{
    VirtualTime *self = context;
    Fiber *fiber = g_new0(Fiber, 1);
    *fiber =
        (Fiber){.work = work, .job = job, .control = control, .wakes_at = self->now, .order = self->order++};
    fiber->stack = self->stacks->len ? g_ptr_array_steal_index_fast(self->stacks, 0) : g_malloc(STACK_SIZE);
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = STACK_SIZE;
    guintptr address = (guintptr)self;
    makecontext(&fiber->context, (void (*)(void))fiber_main, 2, (unsigned)(address >> 32), (unsigned)address);
    g_ptr_array_add(self->sleeping, fiber);
}

static gpointer next_event(gpointer context, Queue *events, gint64 timeout_us)
{
    VirtualTime *self = context;
    gint64 deadline = self->main_wakes_at = self->now + timeout_us;
    for (;;) {
        gpointer event = queue_pop(events, 0);
        if (event || timeout_us == 0)
            return event;
        Fiber *fiber = next_fiber(self);
        if (!fiber || fiber->wakes_at > deadline) {
            self->now = MAX(self->now, deadline);
            return NULL;
        }
        run_fiber(self, fiber);
    }
}

VirtualTime *virtual_time_new(GRand *random)
{
    VirtualTime *self = g_new0(VirtualTime, 1);
    self->random = random;
    self->now = G_USEC_PER_SEC;
    self->sleeping = g_ptr_array_new();
    self->stacks = g_ptr_array_new_with_free_func(g_free);
    self->clock = (RunClock){self, clock_now, clock_real, clock_sleep, clock_chance};
    self->executor = (RunExecutor){self, submit, next_event};
    return self;
}

void virtual_time_free(VirtualTime *self)
{
    g_assert(self->sleeping->len == 0);
    g_ptr_array_unref(self->sleeping);
    g_ptr_array_unref(self->stacks);
    g_free(self);
}

const RunClock *virtual_time_clock(const VirtualTime *self)
{
    return &self->clock;
}

const RunExecutor *virtual_time_executor(const VirtualTime *self)
{
    return &self->executor;
}
