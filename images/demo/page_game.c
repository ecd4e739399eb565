/*
 * Ricochet: three walls of bricks, one ball, three lives.  Mode 13h, drawn anew
 * in each frame and shown in the vertical retrace.
 *
 * Nothing is left to chance but by gfx_random(), whose row begins the same in
 * each game: equal keys in equal frames give an equal game.  D on the title
 * plays a game by itself to its end, which tests and onlookers use.
 *
 * The end screen is in text mode.
 */
#include "gfx.h"

enum {
    COLS = 13, LINES = 9, BRICK_W = 23, BRICK_H = 9, WALL_X = 11, WALL_Y = 28,
    LEFT = 8, RIGHT = 312, CEILING = 16,
    PADDLE_Y = 186, PADDLE_H = 6, PADDLE_W = 40, PADDLE_WIDE = 60,
    BALLS = 3, ITEMS = 4, SPARKS = 48, LIVES = 3, LEVELS = 3,
    ONE = 256, /* a point, in the fraction that places have */
    SPEED = 590, SPEED_MOST = 960,
    C_BACK = 16, C_FRAME = 32, C_TEXT = 36, C_DIM = 37, C_BALL = 38, C_GLOW = 39, C_BRICKS = 40,
    C_TITLE = 80, STEEL = 7,
    PLAYING = 0, LOST, WON, LEFT_GAME,
};

/* A wall: A to G are colours, # takes two hits. */
static const char *const walls[LEVELS] = {
    "............."
    "AAAAAAAAAAAAA"
    "BBBBBBBBBBBBB"
    "............."
    "C.CCC.C.CCC.C"
    "D.DDD.D.DDD.D"
    "............."
    "............."
    ".............",

    "...A.....A..."
    "....A...A...."
    "...BBBBBBB..."
    "..BB.BBB.BB.."
    ".CCCCCCCCCCC."
    ".C.CCCCCCC.C."
    ".D.D.....D.D."
    "....DD.DD...."
    ".............",

    "..EE.....EE.."
    ".EFFE...EFFE."
    "#EFFFE.EFFFE#"
    "#.EFFFEFFFE.#"
    "#..EFFFFFE..#"
    "....EFFFE...."
    ".....EFE....."
    "..##..E..##.."
    ".............",
};

/* dark, middle and light of each colour */
static const uint8_t brick_colors[8][3] = {
    { 62, 52, 18 }, { 62, 38, 14 }, { 60, 24, 18 }, { 54, 16, 30 },
    { 62, 20, 26 }, { 40, 18, 54 }, { 14, 44, 54 }, { 40, 44, 50 },
};

struct ball {
    bool alive, held;
    int32_t x, y, vx, vy; /* the middle, in 256ths of a point */
};

static struct game {
    uint8_t hits[LINES][COLS]; /* 0: no brick */
    unsigned bricks, level, lives, score, broken, speed, wide_frames, frame;
    int32_t paddle; /* its middle, in points */
    struct ball balls[BALLS];
    struct item { char kind; int16_t x, y; } items[ITEMS]; /* kind 0: none */
    struct spark { int32_t x, y, vx, vy; uint8_t left, color; } sparks[SPARKS];
    unsigned spark;
    int32_t aim; /* of the demonstration: where on the paddle the ball shall land */
    bool demonstration, aimed;
} g;

static unsigned best;

static uint8_t *work(void)
{
    return gfx_buffer(1);
}

static int32_t paddle_width(void)
{
    return g.wide_frames > 0 ? PADDLE_WIDE : PADDLE_W;
}

static unsigned brick_color(unsigned line, unsigned col)
{
    char c = walls[g.level][line * COLS + col];

    return c == '#' ? STEEL : (unsigned) (c - 'A');
}

/* A raised plate: light above and left, dark below and right. */
static void plate(uint8_t *to, int x, int y, int w, int h, unsigned color)
{
    uint8_t base = (uint8_t) (C_BRICKS + color * 4);

    gfx_box(to, x, y, w, h, base + 2);
    gfx_box(to, x, y + h - 1, w, 1, base);
    gfx_box(to, x + w - 1, y, 1, h, base);
    gfx_box(to, x + 1, y + 1, w - 2, h - 2, base + 1);
}

static void draw_back(uint8_t *to, int y0, int y1, int x0, int x1)
{
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            bool mesh = x % 16 == 8 || y % 16 == 8;

            to[y * GFX_WIDTH + x] = (uint8_t) (C_BACK + y / 20 + (mesh ? 3 : 0));
        }
}

static void draw_brick(unsigned line, unsigned col)
{
    int x = WALL_X + (int) col * BRICK_W, y = WALL_Y + (int) line * BRICK_H;

    draw_back(gfx_buffer(0), y, y + BRICK_H, x, x + BRICK_W);
    if (g.hits[line][col] != 0)
        plate(gfx_buffer(0), x, y, BRICK_W - 1, BRICK_H - 1, brick_color(line, col));
}

static void draw_number(uint8_t *to, int x, unsigned val, unsigned digits)
{
    char text[8];

    for (unsigned i = digits; i-- > 0; val /= 10)
        text[i] = (char) ('0' + val % 10);
    text[digits] = '\0';
    gfx_text(to, x, 3, text, C_TEXT, 1);
}

static void draw_status(void)
{
    uint8_t *to = gfx_buffer(0);

    gfx_box(to, 0, 0, GFX_WIDTH, CEILING - 4, C_BACK);
    gfx_text(to, 8, 3, "SCORE", C_DIM, 1);
    draw_number(to, 52, g.score, 6);
    gfx_text(to, 128, 3, g.demonstration ? "DEMO" : "WALL", C_DIM, 1);
    draw_number(to, 168, g.level + 1, 1);
    for (unsigned i = 0; i < g.lives && i < 8; i++)
        gfx_text(to, (int) (304 - 10 * i), 3, "\x03", C_BRICKS + 4 * 4 + 1, 1);
}

static void set_colors(void)
{
    static const uint8_t deep[] = { 2, 2, 8 }, high[] = { 9, 11, 26 }, yellow[] = { 63, 57, 26 },
                         red[] = { 62, 26, 20 }, violet[] = { 40, 14, 46 };

    gfx_ramp(C_BACK, C_BACK + 14, deep, high);
    dac_set(C_FRAME, 14, 17, 36);
    dac_set(C_FRAME + 1, 24, 28, 50);
    dac_set(C_TEXT, 60, 60, 63);
    dac_set(C_DIM, 30, 34, 50);
    dac_set(C_BALL, 63, 63, 63);
    dac_set(C_GLOW, 44, 52, 60);
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *c = brick_colors[i];

        dac_set(C_BRICKS + i * 4, c[0] / 2u, c[1] / 2u, c[2] / 2u);
        dac_set(C_BRICKS + i * 4 + 1, c[0], c[1], c[2]);
        dac_set(C_BRICKS + i * 4 + 2, (c[0] + 63u) / 2, (c[1] + 63u) / 2, (c[2] + 63u) / 2);
    }
    gfx_ramp(C_TITLE, C_TITLE + 16, yellow, red);
    gfx_ramp(C_TITLE + 16, C_TITLE + 32, red, violet);
}

static void draw_frame(uint8_t *to)
{
    draw_back(to, 0, GFX_HEIGHT, 0, GFX_WIDTH);
    gfx_box(to, LEFT - 4, CEILING - 4, RIGHT - LEFT + 8, 4, C_FRAME);
    gfx_box(to, LEFT - 4, CEILING - 4, 4, GFX_HEIGHT, C_FRAME);
    gfx_box(to, RIGHT, CEILING - 4, 4, GFX_HEIGHT, C_FRAME);
    gfx_box(to, LEFT - 4, CEILING - 4, RIGHT - LEFT + 8, 1, C_FRAME + 1);
}

static void serve(void)
{
    for (unsigned i = 0; i < BALLS; i++)
        g.balls[i].alive = false;
    for (unsigned i = 0; i < ITEMS; i++)
        g.items[i].kind = 0;
    g.balls[0].alive = g.balls[0].held = true;
    g.wide_frames = 0;
    g.aimed = false;
}

static void level_start(void)
{
    draw_frame(gfx_buffer(0));
    g.bricks = 0;
    g.speed = SPEED + g.level * 60;
    for (unsigned line = 0; line < LINES; line++)
        for (unsigned col = 0; col < COLS; col++) {
            char c = walls[g.level][line * COLS + col];

            g.hits[line][col] = c == '.' ? 0 : c == '#' ? 2 : 1;
            g.bricks += c != '.';
            if (c != '.')
                draw_brick(line, col);
        }
    draw_status();
    serve();
}

static void add_sparks(int x, int y, unsigned color)
{
    for (unsigned i = 0; i < 8; i++) {
        struct spark *s = &g.sparks[g.spark++ % SPARKS];
        uint32_t r = gfx_random();

        *s = (struct spark){ x * ONE, y * ONE, (int32_t) (r % 768) - 384, (int32_t) (r >> 10 & 511) - 400,
                             (uint8_t) (18 + (r >> 20 & 15)), (uint8_t) (C_BRICKS + color * 4 + 1 + (r >> 30 & 1)) };
    }
}

static void drop_item(int x, int y)
{
    static const char kinds[] = "WMSWML";

    for (unsigned i = 0; i < ITEMS; i++)
        if (g.items[i].kind == 0) {
            g.items[i] = (struct item){ kinds[g.broken / 6 % 6], (int16_t) x, (int16_t) y };
            return;
        }
}

/* The brick at a place loses a hit; false when there is none. */
static bool strike(int32_t x, int32_t y)
{
    int px = (int) (x / ONE) - WALL_X, py = (int) (y / ONE) - WALL_Y;
    unsigned col = (unsigned) px / BRICK_W, line = (unsigned) py / BRICK_H;

    if (px < 0 || py < 0 || col >= COLS || line >= LINES || g.hits[line][col] == 0)
        return false;
    g.score += 10 * (g.level + 1);
    if (--g.hits[line][col] == 0) {
        g.bricks--;
        g.broken++;
        add_sparks((int) (x / ONE), (int) (y / ONE), brick_color(line, col));
        if (g.broken % 6 == 0)
            drop_item((int) (x / ONE), (int) (y / ONE));
        if (g.broken % 4 == 0 && g.speed < SPEED_MOST)
            g.speed += 12;
        sound_slide(500 + 60 * (LINES - line), 900 + 60 * (LINES - line), 10);
    } else {
        sound_slide(1800, 1400, 8);
    }
    draw_brick(line, col);
    draw_status();
    g.aimed = false;
    return true;
}

/* Away from the paddle: where it was hit decides on the angle. */
static void ball_aim(struct ball *b, int32_t offset)
{
    int32_t half = paddle_width() / 2, angle = offset * 170 / half; /* of 1024: 60 degrees */

    b->vx = gfx_sin((uint32_t) angle) * (int32_t) g.speed / 256;
    b->vy = -gfx_cos((uint32_t) angle) * (int32_t) g.speed / 256;
}

static void ball_paddle(struct ball *b)
{
    int32_t offset = b->x / ONE - g.paddle, half = paddle_width() / 2;

    if (b->vy <= 0 || b->y < (PADDLE_Y - 2) * ONE || b->y > (PADDLE_Y + PADDLE_H) * ONE
        || offset < -half - 2 || offset > half + 2)
        return;
    b->y = (PADDLE_Y - 2) * ONE;
    ball_aim(b, offset);
    g.aimed = false;
    sound_slide(300, 380, 8);
}

static void ball_step(struct ball *b)
{
    int32_t side = b->vx < 0 ? -2 * ONE : 2 * ONE, front = b->vy < 0 ? -2 * ONE : 2 * ONE;

    b->x += b->vx / 4;
    if (b->x < (LEFT + 2) * ONE || b->x > (RIGHT - 3) * ONE) {
        b->x -= b->vx / 4;
        b->vx = -b->vx;
        sound_slide(200, 200, 3);
    } else if (strike(b->x + side, b->y)) {
        b->x -= b->vx / 4;
        b->vx = -b->vx;
    }
    b->y += b->vy / 4;
    if (b->y < (CEILING + 2) * ONE) {
        b->y = (CEILING + 2) * ONE;
        b->vy = -b->vy;
        sound_slide(200, 200, 3);
    } else if (strike(b->x, b->y + front)) {
        b->y -= b->vy / 4;
        b->vy = -b->vy;
    }
    ball_paddle(b);
    b->alive = b->y < (GFX_HEIGHT + 4) * ONE;
}

/* A second and a third ball beside the first that is in play. */
static void split_ball(void)
{
    const struct ball *from = NULL;
    int32_t turn = 200;

    for (unsigned i = 0; i < BALLS && from == NULL; i++)
        if (g.balls[i].alive)
            from = &g.balls[i];
    for (unsigned i = 0; from != NULL && i < BALLS; i++)
        if (!g.balls[i].alive) {
            g.balls[i] = *from;
            g.balls[i].held = false;
            g.balls[i].vx += turn;
            turn = -turn;
        }
}

static void take_item(char kind)
{
    switch (kind) {
    case 'W': g.wide_frames = 1200; break;
    case 'M': split_ball(); break;
    case 'S': g.speed = SPEED; break;
    default: g.lives++; break;
    }
    g.score += 50;
    draw_status();
    sound_slide(600, 2000, 24);
}

static void move_items(void)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        struct item *it = &g.items[i];
        int32_t offset = it->x - g.paddle;

        if (it->kind == 0)
            continue;
        it->y += (int16_t) (g.frame & 1);
        if (it->y > PADDLE_Y - 6 && offset > -paddle_width() / 2 - 6 && offset < paddle_width() / 2 + 6) {
            take_item(it->kind);
            it->kind = 0;
        } else if (it->y > GFX_HEIGHT) {
            it->kind = 0;
        }
    }
}

static void move_sparks(void)
{
    for (unsigned i = 0; i < SPARKS; i++) {
        struct spark *s = &g.sparks[i];

        if (s->left == 0)
            continue;
        s->left--;
        s->x += s->vx;
        s->y += s->vy;
        s->vy += 20;
    }
}

/* Which ball comes down first. */
static const struct ball *lowest_ball(void)
{
    const struct ball *lowest = NULL;

    for (unsigned i = 0; i < BALLS; i++) {
        const struct ball *b = &g.balls[i];

        if (b->alive && (lowest == NULL || (b->vy > 0 && (lowest->vy <= 0 || b->y > lowest->y))))
            lowest = b;
    }
    return lowest;
}

/* A place between the walls, reached by flying straight through them. */
static int32_t folded(int32_t x)
{
    int32_t width = RIGHT - LEFT - 5, place = (x - LEFT - 2) % (2 * width);

    place = place < 0 ? place + 2 * width : place;
    return LEFT + 2 + (place < width ? place : 2 * width - place);
}

/* Where on the paddle a ball must land at x to fly to a brick that is left. */
static int32_t choose_aim(int32_t x)
{
    int32_t best_offset = 0, best_miss = 1000;
    unsigned seen = 0, wanted = gfx_random() % g.bricks;

    for (unsigned line = LINES; line-- > 0; )
        for (unsigned col = 0; col < COLS; col++) {
            int32_t bx = WALL_X + (int32_t) col * BRICK_W + BRICK_W / 2, rise = PADDLE_Y - (WALL_Y + (int32_t) line * BRICK_H + 9);

            if (g.hits[line][col] == 0 || seen++ != wanted)
                continue;
            for (int32_t offset = -15; offset <= 15; offset++) {
                uint32_t angle = (uint32_t) (offset * 170 / (paddle_width() / 2));
                int32_t miss = folded(x + rise * gfx_sin(angle) / gfx_cos(angle)) - bx;

                miss = miss < 0 ? -miss : miss;
                if (miss < best_miss) {
                    best_miss = miss;
                    best_offset = offset;
                }
            }
        }
    return best_offset;
}

/* The player of the demonstration: how far the paddle shall move. */
static int32_t demonstrate(void)
{
    const struct ball *b = lowest_ball();
    int32_t target = 160, step;

    if (b != NULL && !b->held && b->vy > 0) {
        int32_t fall = (PADDLE_Y - 2) * ONE - b->y;

        target = folded((b->x + fall * b->vx / b->vy) / ONE);
        if (!g.aimed && fall < 60 * ONE) {
            g.aim = choose_aim(target);
            g.aimed = true;
        }
        target -= g.aimed ? g.aim : 0;
    } else if (b != NULL && !b->held) {
        target = b->x / ONE;
    }
    step = target - g.paddle;
    return step > 6 ? 6 : step < -6 ? -6 : step;
}

static int32_t player_moves(void)
{
    static int32_t speed;
    bool left = input_down(KEY_LEFT) || input_down(KEY_LEFT4), right = input_down(KEY_RIGHT) || input_down(KEY_RIGHT6);

    if (left == right)
        speed = 0;
    else if (speed < 6)
        speed++; /* a tap is a point, holding runs */
    return mouse.dx + (left ? -speed : 0) + (right ? speed : 0);
}

static void move_paddle(void)
{
    int32_t half = paddle_width() / 2;

    g.paddle += g.demonstration ? demonstrate() : player_moves();
    g.paddle = g.paddle < LEFT + half ? LEFT + half : g.paddle > RIGHT - half ? RIGHT - half : g.paddle;
    g.wide_frames -= g.wide_frames > 0;
}

static void draw_moving(void)
{
    uint8_t *to = work();
    int32_t half = paddle_width() / 2;

    for (unsigned i = 0; i < SPARKS; i++)
        if (g.sparks[i].left > 0 && g.sparks[i].y > CEILING * ONE)
            gfx_box(to, g.sparks[i].x / ONE, g.sparks[i].y / ONE, g.sparks[i].left > 12 ? 2 : 1, g.sparks[i].left > 12 ? 2 : 1, g.sparks[i].color);
    for (unsigned i = 0; i < ITEMS; i++)
        if (g.items[i].kind != 0) {
            char text[2] = { g.items[i].kind, '\0' };

            plate(to, g.items[i].x - 7, g.items[i].y - 5, 14, 10, g.items[i].kind == 'L' ? 4 : 6);
            gfx_text(to, g.items[i].x - 4, g.items[i].y - 4, text, C_BACK, 1);
        }
    plate(to, (int) (g.paddle - half), PADDLE_Y, (int) (2 * half), PADDLE_H, STEEL);
    gfx_box(to, (int) (g.paddle - half), PADDLE_Y, 6, PADDLE_H, C_BRICKS + 4 * 4 + 1);
    gfx_box(to, (int) (g.paddle + half - 6), PADDLE_Y, 6, PADDLE_H, C_BRICKS + 4 * 4 + 1);
    for (unsigned i = 0; i < BALLS; i++)
        if (g.balls[i].alive) {
            int x = g.balls[i].x / ONE, y = g.balls[i].y / ONE;

            gfx_box(to, x - 1, y - 2, 3, 5, C_BALL);
            gfx_box(to, x - 2, y - 1, 5, 3, C_BALL);
            gfx_box(to, x, y + 1, 2, 1, C_GLOW);
            gfx_box(to, x + 1, y, 1, 2, C_GLOW);
        }
}

static void show(void)
{
    retrace_wait();
    copy32((void *) GFX_SCREEN, work(), GFX_WIDTH * GFX_HEIGHT / 4);
}

/* A word over the game for about a second. */
static bool announce(const char *text)
{
    int x = 160;

    for (const char *s = text; *s != '\0'; s++)
        x -= 8;
    for (unsigned i = 0; i < 80; i++) {
        copy32(work(), gfx_buffer(0), GFX_WIDTH * GFX_HEIGHT / 4);
        gfx_text(work(), x + 1, 131, text, C_BACK, 2);
        gfx_text(work(), x, 130, text, (uint8_t) (C_TITLE + i / 4), 2);
        show();
        input_poll();
        if (input_leave(input_key()))
            return false;
    }
    return true;
}

/* One frame's movement; true while a ball is in play. */
static bool move_all(bool launch)
{
    bool any = false;

    g.frame++;
    move_paddle();
    for (unsigned i = 0; i < BALLS; i++) {
        struct ball *b = &g.balls[i];

        if (b->alive && b->held) {
            b->x = (g.paddle + 5) * ONE;
            b->y = (PADDLE_Y - 3) * ONE;
            if (launch) {
                b->held = false;
                ball_aim(b, 5);
            }
        } else {
            for (unsigned n = 0; n < 4 && b->alive; n++)
                ball_step(b);
        }
        any = any || b->alive;
    }
    move_items();
    move_sparks();
    return any;
}

static int play_frame(void)
{
    bool launch = g.demonstration && g.frame % 64 == 63;
    unsigned key;

    input_poll();
    while ((key = input_key()) != 0) {
        if (key == KEY_ESC)
            return LEFT_GAME;
        launch = launch || key == KEY_SPACE || key == KEY_ENTER;
    }
    launch = launch || (mouse.pressed & 1) != 0;
    if (!move_all(launch)) {
        sound_slide(400, 80, 60);
        if (--g.lives == 0)
            return LOST;
        draw_status();
        serve();
    }
    if (g.bricks == 0) {
        sound_slide(400, 1600, 80);
        g.score += 500;
        if (++g.level == LEVELS)
            return WON;
        level_start();
        if (!announce(g.level == 1 ? "Wall 2" : "Last wall"))
            return LEFT_GAME;
    }
    copy32(work(), gfx_buffer(0), GFX_WIDTH * GFX_HEIGHT / 4);
    draw_moving();
    show();
    return PLAYING;
}

static int play(bool demonstration)
{
    int how = PLAYING;

    gfx_seed(2463534242u);
    g = (struct game){ 0 };
    g.lives = LIVES;
    g.paddle = 160;
    g.demonstration = demonstration;
    level_start();
    if (!announce("Wall 1"))
        return LEFT_GAME;
    while (how == PLAYING)
        how = play_frame();
    return how;
}

/* The end in text mode.  True: again. */
static bool show_end(bool won)
{
    struct pen pen = { 12, 25, ATTR(NIGHT, TEXT) };
    unsigned key;

    if (g.score > best && !g.demonstration)
        best = g.score;
    screen_start();
    screen_page("Ricochet", won ? "You win.   Enter play again   Esc back" : "Game over.   Enter play again   Esc back");
    screen_banner(5, won ? 9 : 4, won ? "YOU WIN" : "GAME OVER", won ? 9 : 8);
    pen_text(&pen, won ? "All three walls are down." : "Some of the wall still stands.");
    pen = (struct pen){ 14, 25, ATTR(NIGHT, CYAN) };
    pen_text(&pen, "Score  ");
    pen.attr = ATTR(NIGHT, WHITE);
    pen_padded(&pen, g.score, 8);
    pen = (struct pen){ 15, 25, ATTR(NIGHT, CYAN) };
    pen_text(&pen, g.demonstration ? "A demonstration: the disk played by itself." : "Best   ");
    pen.attr = ATTR(NIGHT, WHITE);
    if (!g.demonstration)
        pen_padded(&pen, best, 8);
    do {
        timer_frame();
        input_poll();
        key = input_key();
        if (key == KEY_ENTER || key == KEY_PAD_ENTER)
            return true;
    } while (!input_leave(key));
    return false;
}

static void draw_title(uint8_t *to)
{
    static const char name[] = "RICOCHET";

    draw_frame(to);
    for (int i = 0; i < COLS; i++)
        for (int line = 0; line < 2; line++)
            plate(to, WALL_X + i * BRICK_W, 22 + line * BRICK_H, BRICK_W - 1, BRICK_H - 1, (unsigned) (i + line) % 7);
    for (int i = 0; i < 8; i++) {
        const uint8_t *rows = font_rows(8) + (uint8_t) name[i] * 8;

        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++)
                if ((rows[y] << x & 0x80) != 0) {
                    gfx_box(to, 34 + i * 32 + x * 4, 62 + y * 5, 4, 5, C_BACK);
                    for (int k = 0; k < 5; k++)
                        gfx_box(to, 32 + i * 32 + x * 4, 60 + y * 5 + k, 4, 1, (uint8_t) (C_TITLE + (y * 5 + k) * 4 / 5));
                }
    }
    gfx_text(to, 40, 118, "\x1b \x1a    or mouse: move", C_TEXT, 1);
    gfx_text(to, 40, 134, "Space  play and launch the ball", C_TEXT, 1);
    gfx_text(to, 40, 146, "D      watch a demonstration", C_DIM, 1);
    gfx_text(to, 40, 158, "Esc    back to the menu", C_DIM, 1);
}

/* Until a game is wanted: 1 play, 2 demonstration, 0 leave. */
static int title(void)
{
    gfx_mode(0x13);
    set_colors();
    draw_title(work());
    for (;;) {
        unsigned key;

        show();
        input_poll();
        key = input_key();
        if (input_leave(key))
            return 0;
        if (key == KEY_SPACE || key == KEY_ENTER || (mouse.pressed & 1) != 0)
            return 1;
        if (key_letter(key) == 'D')
            return 2;
    }
}

void page_game(void)
{
    int wanted, how;

    do {
        wanted = title();
        if (wanted == 0)
            return;
        how = play(wanted == 2);
    } while (how == LEFT_GAME || show_end(how == WON));
}
