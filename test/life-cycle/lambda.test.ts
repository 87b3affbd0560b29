import { testLives } from "./life-cycle";

testLives("lambda");
