import { testLives } from "./life-cycle";

testLives("ecs-fargate");
