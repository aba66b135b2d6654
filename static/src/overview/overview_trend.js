import { Component } from "@odoo/owl";

const [WIDTH, HEIGHT, EDGE] = [300, 70, 5];

/** One figure over the months: a line, its first and last month, and the last value in large. */
export class OverviewTrend extends Component {
    static template = "account_credit_collection.OverviewTrend";
    static props = { series: Object, open: Function };

    get size() {
        return `0 0 ${WIDTH} ${HEIGHT}`;
    }

    get dots() {
        const { points } = this.props.series;
        const values = points.map((point) => point.value);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const across = (place) => (points.length > 1 ? EDGE + (place * (WIDTH - 2 * EDGE)) / (points.length - 1) : WIDTH / 2);
        const down = (value) => (high > low ? EDGE + ((high - value) * (HEIGHT - 2 * EDGE)) / (high - low) : HEIGHT / 2);
        return points.map((point, place) => ({ x: across(place), y: down(point.value), title: `${point.month}: ${point.text}` }));
    }

    get line() {
        return this.dots.map(({ x, y }) => `${x},${y}`).join(" ");
    }

    get first() {
        return this.props.series.points[0];
    }

    get last() {
        return this.props.series.points.at(-1);
    }

    /** What a screen reader says in place of the line. */
    get spoken() {
        return this.dots.map((dot) => dot.title).join("; ");
    }
}
